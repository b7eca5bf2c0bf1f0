import { ulid } from 'ulid';
import { settles } from '../../adapters/settles.ts';
import { connectClusters } from '../../compose-cluster.ts';
import { computed } from '../../computed/registry.ts';
import { loadConfig } from '../../config.ts';
import { startGathering, type GatherDeps } from '../../engine/gather.ts';
import { ProgramError } from '../../errors.ts';
import { redactJson } from '../../model/redact.ts';
import type { Target } from '../../model/target.ts';
import { probes } from '../../probes/registry.ts';
import { checkTarget } from '../../runs/preflight.ts';
import { exitCode, type Format, type Surroundings } from '../output.ts';
import { documentOf } from '../plain-output.ts';
import { policyText } from './policy-text.ts';
import { policyReport, type PolicyReport } from './report.ts';

/** How long the ways to nodes and API server may take to close. */
const closeMs = 1300;

/**
 * `calico-chatops policy`.
 * @returns 0 the policies were read, and let the asked source reach the pod; 1 they do not; 2 unknown
 * @throws ProgramError for wrong configuration, an unknown cluster, namespace, pod or node
 */
export async function policyCommand(
  { format, ...target }: Target & { readonly format: Format },
  { environment, signal, told, out }: Surroundings,
): Promise<number> {
  const clusters = await connectClusters(loadConfig(environment, ['cluster']));
  try {
    const access = await clusters.open(target.cluster);
    const checked = await checkTarget(access.cluster, target);
    if ('message' in checked) throw new ProgramError(checked.code, checked.message);
    const report = await readReport({ ...access, probes, computed }, checked.target, signal);
    if (format === 'text') told(policyText(report));
    else out(documentOf(report, format));
    return exitOf(report);
  } finally {
    await settles(clusters.close(), closeMs);
  }
}

/** Resolves to what the datastore says. Facts that follow from nodes are not asked for. */
export async function readReport(deps: GatherDeps, target: Target, signal: AbortSignal): Promise<PolicyReport> {
  const gathering = startGathering(deps, target, `r-${ulid()}`, signal);
  const [found, answer] = await Promise.all([
    gathering.fact('pod-policies'),
    target.from !== null && target.port !== null ? gathering.fact('policy-answer') : null,
  ]);
  return redactJson(policyReport(target, found, answer));
}

/** The exit code of a report. */
export function exitOf({ answer, unread }: PolicyReport): number {
  if (answer !== null)
    return { allow: exitCode.done, deny: exitCode.fault, unknown: exitCode.inconclusive }[answer.decision];
  return unread === null ? exitCode.done : exitCode.inconclusive;
}
