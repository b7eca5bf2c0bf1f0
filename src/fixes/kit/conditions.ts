/** Returns that a fix may not act, why, and what a person could do. */
export function refuse(
  why: string,
  ...advice: readonly string[]
): { readonly ready: 'no'; readonly why: string; readonly advice: readonly string[] } {
  return { ready: 'no', why, advice };
}
