/** What the datastore says of the policies of a pod: for the command line, and for who asks in Slack. */
import { ulid } from 'ulid';
import { startGathering, type GatherDeps } from '../engine/gather.ts';
import { ProgramError } from '../errors.ts';
import { policyReport, type PolicyReport } from '../model/policy-report.ts';
import { redactJson } from '../model/redact.ts';
import type { Target } from '../model/target.ts';
import { checkTarget } from './preflight.ts';

/**
 * Resolves to what the datastore says. Facts that follow from nodes are not asked for.
 * @throws ProgramError for a namespace, pod or node that the API server does not know
 */
export async function readPolicies(deps: GatherDeps, target: Target, signal: AbortSignal): Promise<PolicyReport> {
  const checked = await checkTarget(deps.cluster, target);
  if ('message' in checked) throw new ProgramError(checked.code, checked.message);
  return readReport(deps, checked.target, signal);
}

/** The same for a target that is known to be there. */
export async function readReport(deps: GatherDeps, target: Target, signal: AbortSignal): Promise<PolicyReport> {
  const gathering = startGathering(deps, target, `r-${ulid()}`, signal);
  const [found, answer] = await Promise.all([
    gathering.fact('pod-policies'),
    target.from !== null && target.port !== null ? gathering.fact('policy-answer') : null,
  ]);
  return redactJson(policyReport(target, found, answer));
}
