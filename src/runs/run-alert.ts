/** The life of a run that an alert asked for: diagnosed, placed, followed up. */
import { alertLife } from '../model/alert-life.ts';
import type { DiagnosisRequest } from '../model/job-catalogue.ts';
import type { RunPlans } from '../model/run-plans.ts';
import { placeRun, tellFailedVictim } from './alert-storm.ts';
import type { RunStop } from './cancel-run.ts';
import { lastLook, startFollowUp, type FollowUpDeps } from './follow-up.ts';
import { runDiagnosis } from './run-diagnosis.ts';

/** Of a run that may become a line of another one: fifty plans for one cause are forty-nine too many. */
const noPlansYet: RunPlans = { offer: async () => undefined, retire: async () => undefined };

/** Safe to call again for a job that is delivered again. @throws as runDiagnosis */
export async function runAlert(
  deps: FollowUpDeps,
  request: DiagnosisRequest,
  stop: RunStop & { readonly signal: AbortSignal },
): Promise<void> {
  const { run, origin } = request;
  const isHeld = origin.held !== undefined;
  try {
    await runDiagnosis(isHeld ? { ...deps, plans: noPlansYet } : deps, request, stop);
  } catch (error) {
    if (isHeld) await tellFailedVictim(deps, run);
    throw error;
  }
  const where = await placeRun(deps, run);
  if (where === 'storm') return;
  // It has a verdict: what is left to do is its plans.
  if (isHeld) await runDiagnosis(deps, request, stop);
  await startFollowUp(deps, run);
  if (alertLife(await deps.store.events(run)).resolvedAt !== null) await lastLook(deps, run, stop.signal);
}
