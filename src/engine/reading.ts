import type { ClusterAccess } from '../model/cluster-access.ts';
import type { GatherDeps } from './gather.ts';

/** Returns the reader of one cluster for an engine with these units. */
export function readingOf(
  { probes, computed, clock }: Pick<GatherDeps, 'probes' | 'computed' | 'clock'>,
  { cluster, shells, calicoNamespaces }: ClusterAccess,
): GatherDeps {
  return { probes, computed, clock, cluster, shells, ...(calicoNamespaces && { calicoNamespaces }) };
}
