/** Returns the same read, made once for all who ask within some milliseconds. One that failed is made anew. */
export function keptFor<T>(milliseconds: number, clock: { now(): Date }, read: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | null = null;
  return async () => {
    const now = clock.now().getTime();
    if (last === null || now - last.at >= milliseconds) last = { at: now, value: read() };
    const asked = last;
    try {
      return await asked.value;
    } catch (error) {
      if (last === asked) last = null;
      throw error;
    }
  };
}
