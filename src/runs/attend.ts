import { alertLife } from '../model/alert-life.ts';
import type { RunEventOf } from '../model/runs.ts';
import { tell, type TellDeps } from './tell.ts';

export type AttentionWord = RunEventOf<'attention'>['what'];

/** A diagnosis that somebody asked for in the thread of an alert joins its run, and so may the next one. */
const mostJoins = 8;
const minuteMs = 60_000;

/**
 * Tells what a person said to the alert of a run, or of the run whose thread it joined.
 * @returns false where there is no alert
 */
export async function attend(
  deps: TellDeps,
  run: string,
  { what, by, minutes }: { readonly what: AttentionWord; readonly by: string; readonly minutes?: number },
): Promise<boolean> {
  let told: string | null = run;
  for (let joins = 0; joins < mostJoins && told !== null; joins += 1) {
    const events = await deps.store.events(told);
    if (alertLife(events).alerts.length > 0) {
      const until =
        minutes === undefined ? null : new Date(deps.clock.now().getTime() + minutes * minuteMs).toISOString();
      await tell(deps, told, { type: 'attention', what, by, until });
      return true;
    }
    told = events.find((event) => event.type === 'started')?.origin.joins ?? null;
  }
  return false;
}
