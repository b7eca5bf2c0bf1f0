/** What is told of plans, and in which order it happened: two processes may tell in another order than they acted. */
import type { PlanRecord } from './fix.ts';

/**
 * Returns what the seal (`told`) of a plan's event covers. The count of its steps is left out: a version that does not
 * know it must find the same.
 */
export function toldWords(record: PlanRecord, note: string | null): unknown {
  const { step: _, ...words } = record;
  return { record: words, note };
}

/** Whether a record is of an earlier step than another one of its plan. Of one that is not counted nobody knows. */
export function isEarlier({ step }: PlanRecord, than: PlanRecord): boolean {
  return step !== undefined && than.step !== undefined && step < than.step;
}
