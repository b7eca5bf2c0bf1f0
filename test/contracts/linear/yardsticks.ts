/** Costs as multiples of a yardstick that is measured in the same run, so that a slow or busy machine changes no result. */

/** Of what is measured: a page that the kernel takes back, or a collection of garbage, makes one try dear. */
const tries = 3;
const megabyte = 1_000_000;
const item = '{"name":"a","id":1},';
const list = `[${item.repeat(megabyte / item.length)}0]`;
/** A megabyte of the worst may cost as much as reading so many megabytes of small objects. */
const megabytesOfObjects = 150;

/**
 * What this thread had of the processor, in milliseconds: neither waiting nor other threads count. The kernel's share
 * does: it tells the two apart by ticks only.
 * @throws what `work` throws
 */
export function computedMs(work: () => void): number {
  const began = process.threadCpuUsage();
  work();
  return msSince(began);
}

/** What this thread had of the processor since `began` was read from `process.threadCpuUsage()`, in milliseconds. */
export function msSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}

/** The least of some tries, ended by the first that is at most `enough`. */
function leastMs(work: () => number, enough = 0): number {
  let least = Infinity;
  for (let count = 0; count < tries && least > enough; count += 1) least = Math.min(least, work());
  return least;
}

/** How long work on a megabyte may compute on this machine as it is now, in milliseconds. */
function limitNow(): number {
  return megabytesOfObjects * leastMs(() => computedMs(() => JSON.parse(list)));
}

/** The limit when the run began: what keeps to it is quick, and what does not is measured again. */
export const limitMs = limitNow();

/**
 * How many times the limit it takes; null: it keeps to the limit of some moment.
 * @param measure works within a limit and returns milliseconds, more than the limit when it was ended there
 */
export function excess(measure: (limit: number) => number): number | null {
  if (measure(limitMs) <= limitMs) return null;
  const limit = Math.max(limitMs, limitNow());
  const least = leastMs(() => measure(limit), limit);
  return least > limit ? least / limit : null;
}
