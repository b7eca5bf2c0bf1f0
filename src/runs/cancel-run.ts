/** Cancelling reaches a run in whichever process it is: the wish stands in the store, and the run looks for it. */
import type { TellDeps } from './tell.ts';
import { tell } from './tell.ts';

const lookEveryMs = 500;
const wishSeconds = 3600;

/** @returns false when the run has ended already. */
export async function cancelRun(deps: TellDeps, run: string, by: string): Promise<boolean> {
  const events = await deps.store.events(run);
  if (events.some(({ type }) => type === 'verdict' || type === 'failed' || type === 'cancelled')) return false;
  await deps.store.remember(wishOf(run), by, wishSeconds);
  await tell(deps, run, { type: 'cancelled', by });
  return true;
}

export interface Cancelling {
  /** Aborts when somebody wishes it, or with the outer signal. */
  readonly signal: AbortSignal;
  stop(): void;
}

export function cancelOnWish(deps: TellDeps, run: string, outer: AbortSignal): Cancelling {
  const wished = new AbortController();
  const timer = setInterval(() => {
    deps.store.recall(wishOf(run)).then(
      (by) => by !== null && wished.abort(new Error(`cancelled by ${by}`)),
      (error: unknown) => deps.warn(`whether ${run} is cancelled could not be looked up`, error),
    );
  }, lookEveryMs);
  timer.unref();
  return { signal: AbortSignal.any([outer, wished.signal]), stop: () => clearInterval(timer) };
}

function wishOf(run: string): string {
  return `cancel.${run}`;
}
