/** How the cost of work grows with its size, measured in one run: no machine keeps a number of milliseconds. */
import { createContext, Script } from 'node:vm';

/** Shorter work is too short to measure, so a larger size is the base. */
const measurableMs = 4;
const largestBase = 1 << 21;
/** V8 ends synchronous work after so long. All work here takes a thousandth of it. */
const endlessMs = 20_000;
const rounds = 3;

const context = createContext({ run: () => undefined });
const script = new Script('run()');

/** Milliseconds of processor time that the work takes; Infinity if it does not end. */
async function spent(work: () => unknown): Promise<number> {
  context['run'] = work;
  const began = process.cpuUsage();
  try {
    await script.runInContext(context, { timeout: endlessMs });
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return Infinity;
    throw error;
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

/**
 * Returns how many times as much processor time the work takes at `times` the size: about `times` if it is linear, and
 * its square if it is quadratic. `prepare` makes what the work of one size reads, and is not counted. The least of
 * three rounds counts, so a stall of the machine does not.
 */
export async function growth(
  prepare: (size: number) => (() => unknown) | Promise<() => unknown>,
  size: number,
  times: number,
): Promise<number> {
  let base = size;
  let work = await prepare(base);
  let short = await spent(work);
  while (short < measurableMs && base < largestBase) {
    base *= 2;
    work = await prepare(base);
    short = await spent(work);
  }
  if (short === Infinity) return Infinity;
  const longer = await prepare(base * times);
  let long = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    short = Math.min(short, await spent(work));
    long = Math.min(long, await spent(longer));
    if (long === Infinity) return Infinity;
  }
  return long / short;
}
