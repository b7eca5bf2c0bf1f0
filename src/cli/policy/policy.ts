import { settles } from '../../adapters/settles.ts';
import { connectClusters } from '../../compose-cluster.ts';
import { computed } from '../../computed/registry.ts';
import { namedCluster } from '../../config-clusters.ts';
import { loadConfig } from '../../config.ts';
import type { Target } from '../../model/target.ts';
import { probes } from '../../probes/registry.ts';
import { readPolicies } from '../../runs/read-policies.ts';
import { exitCode, type Format, type Surroundings } from '../output.ts';
import { documentOf } from '../plain-output.ts';
import { policyText } from './policy-text.ts';
import type { PolicyReport } from '../../model/policy-report.ts';
import { readKubeconfig } from '../read-kubeconfig.ts';

/** How long the ways to nodes and API server may take to close. */
const closeMs = 1300;

/**
 * `calico-chatops policy`.
 * @returns 0 the policies were read, and let the asked source reach the pod; 1 they do not; 2 unknown
 * @throws ProgramError for wrong configuration, an unknown cluster, namespace, pod or node
 */
export async function policyCommand(
  {
    format,
    cluster: named,
    ...asked
  }: Omit<Target, 'cluster'> & {
    readonly format: Format;
    /** null: the only one. */
    readonly cluster: string | null;
  },
  { environment, signal, told, out }: Surroundings,
): Promise<number> {
  const cluster = namedCluster(loadConfig(environment, ['cluster']), named);
  const target: Target = { cluster: cluster.name, ...asked };
  const clusters = await connectClusters([cluster]);
  try {
    await readKubeconfig(clusters, cluster.name);
    const access = await clusters.open(cluster.name);
    const report = await readPolicies({ ...access, probes, computed }, target, signal);
    // What was not read would be told as if it could not be.
    if (signal.aborted) return exitCode.cancelled;
    if (format === 'text') told(policyText(report));
    else out(documentOf(report, format));
    return exitOf(report);
  } finally {
    await settles(clusters.close(), closeMs);
  }
}

/** The exit code of a report. */
export function exitOf({ answer, unread }: PolicyReport): number {
  if (answer !== null)
    return { allow: exitCode.done, deny: exitCode.fault, unknown: exitCode.inconclusive }[answer.decision];
  return unread === null ? exitCode.done : exitCode.inconclusive;
}
