import type { RunStore } from '../model/runs.ts';
import { rich, type Rich } from './render/rich.ts';

export interface PersonLimitDeps {
  readonly store: RunStore;
  /** Diagnoses that one person may ask for a minute; as many at once after a pause. */
  readonly diagnosesPerMinute: number;
}

const minuteMs = 60_000;

/**
 * Counts a diagnosis that a person asks for, in whichever way.
 * @returns what to tell the person where it is one too many, else null
 */
export async function refusedByLimit(
  { store, diagnosesPerMinute }: PersonLimitDeps,
  user: string,
): Promise<Rich | null> {
  const bucket = { holds: diagnosesPerMinute, everyMs: minuteMs / diagnosesPerMinute };
  const waitMs = await store.takeToken(`diagnoses.${user}`, bucket);
  if (waitMs === 0) return null;
  const limit = `${diagnosesPerMinute} ${diagnosesPerMinute === 1 ? 'diagnosis' : 'diagnoses'} a minute`;
  return rich`:hourglass: Not started: you can ask for ${limit}. Retry in ${Math.ceil(waitMs / 1000)} s.`;
}
