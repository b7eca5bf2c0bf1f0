/** Cancelling reaches a run in whichever process it is: the wish stands in the store, and the run looks for it. */
import { endOf } from '../model/run-life.ts';
import { tell, type TellDeps } from './tell.ts';

const lookEveryMs = 500;
const wishSeconds = 3600;

/** `ended`: too late, it had ended. `unknown`: no run of this id has started. */
export type Cancelled = 'cancelled' | 'ended' | 'unknown';

/** @param by who cancels it: its thread says so */
export async function cancelRun(deps: TellDeps, run: string, by: string): Promise<Cancelled> {
  const events = await deps.store.events(run);
  if (!events.some(({ type }) => type === 'started')) return 'unknown';
  if (endOf(events) !== null) return 'ended';
  await deps.store.remember(wishOf(run), by, wishSeconds);
  await tell(deps, run, { type: 'cancelled', by });
  // A verdict may have come first.
  return endOf(await deps.store.events(run))?.type === 'cancelled' ? 'cancelled' : 'ended';
}

/** What may end a run early. */
export interface RunStop {
  readonly signal: AbortSignal;
  /** Who cancels the run when the signal aborts. null: nobody, the process ends and another one takes the run up. */
  readonly by: string | null;
}

export const neverStopped: RunStop = { signal: new AbortController().signal, by: null };

export interface Cancelling {
  /** Aborts when somebody cancels the run, or when it has to stop. */
  readonly signal: AbortSignal;
  /** Asks the store now. `told`: its event is in the store. null: nobody cancelled it. */
  cancelled(): Promise<{ readonly by: string; readonly told: boolean } | null>;
  end(): void;
}

export function cancelOnWish(deps: TellDeps, run: string, stop: RunStop): Cancelling {
  const wished = new AbortController();
  const wish = async () => {
    const by = await deps.store.recall(wishOf(run));
    if (by !== null) wished.abort(new Error(`cancelled by ${by}`));
    return by;
  };
  const timer = setInterval(() => {
    wish().catch((error: unknown) => deps.warn(`the store did not say whether ${run} is cancelled`, error));
  }, lookEveryMs);
  timer.unref();
  return {
    signal: AbortSignal.any([stop.signal, wished.signal]),
    async cancelled() {
      const by = await wish();
      if (by !== null) return { by, told: true };
      return stop.signal.aborted && stop.by !== null ? { by: stop.by, told: false } : null;
    },
    end: () => clearInterval(timer),
  };
}

function wishOf(run: string): string {
  return `cancel.${run}`;
}
