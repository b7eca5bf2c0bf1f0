/**
 * Whether work settles in time. What does not is left alone: a peer that is gone may never let it.
 * @returns false after `milliseconds`
 * @throws what the work rejects with in time
 */
export async function settles(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  // It may fail later, when nobody waits any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
