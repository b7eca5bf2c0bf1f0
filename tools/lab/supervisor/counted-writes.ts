import type { Administrator } from '../control-plane/api.ts';

/** Returns a client of the API server that counts how often something was written through it. */
export function countedWrites(api: Administrator): { readonly api: Administrator; readonly count: () => number } {
  let count = 0;
  const counted =
    <Given extends unknown[], Written>(write: (...given: Given) => Promise<Written>) =>
    (...given: Given): Promise<Written> => {
      count += 1;
      return write(...given);
    };
  return {
    api: {
      ...api,
      ensure: counted((collection, object) => api.ensure(collection, object)),
      create: counted(api.create),
      patch: counted(api.patch),
      remove: counted((path, grace) => api.remove(path, grace)),
    },
    count: () => count,
  };
}
