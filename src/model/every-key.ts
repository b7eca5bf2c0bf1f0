type Complete<T, K extends keyof T> = [keyof T] extends [K]
  ? readonly K[]
  : { readonly 'a key that is not listed': Exclude<keyof T, K> };

/**
 * Returns the keys as they are, of a type that has no other: what is cut to its listed fields must not lose a field
 * that somebody added to the type and reads. Called as `everyKey<Type>()(['one', 'other'])`; the types refuse a list
 * that lacks a key.
 */
export function everyKey<T>() {
  return <const K extends keyof T>(keys: readonly K[] & Complete<T, K>): readonly K[] => keys;
}
