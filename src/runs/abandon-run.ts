import { describeError, ProgramError } from '../errors.ts';
import type { DiagnosisRequest } from '../model/job-catalogue.ts';
import { endOf } from '../model/run-life.ts';
import { placeRun } from './alert-storm.ts';
import type { FollowUpDeps } from './follow-up.ts';
import { tell } from './tell.ts';

/**
 * Ends a run that no worker takes up again, so that nobody waits for it. One that has ended stays as it is.
 * @param error what the last attempt threw; null: its worker ended
 */
export async function abandonRun(
  deps: FollowUpDeps,
  { run, target, requester, origin }: DiagnosisRequest,
  error: Error | null,
): Promise<void> {
  const events = await deps.store.events(run);
  if (endOf(events) !== null) return;
  const lost = new ProgramError('worker-ended', 'the worker ended each time it diagnosed this');
  const { code, message, next } = describeError(error ?? lost);
  if (!events.some(({ type }) => type === 'started'))
    await tell(deps, run, { type: 'started', target, requester, origin });
  await tell(deps, run, { type: 'failed', code, message, next });
  await placeRun(deps, run);
}
