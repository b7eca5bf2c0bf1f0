/** What the bot knows of the configured clusters. */
import type { Config } from './config.ts';
import type { TwoApproversDeps } from './plans/two-approvers.ts';
import type { KnownClusters } from './model/known-clusters.ts';

export function knownClusters({ clusters }: Config): KnownClusters {
  return clusters.map(({ name, channels, settings }) => ({
    name,
    channels,
    alertChannel: settings.ALERT_CHANNEL ?? null,
  }));
}

/** Returns what says from which risk on two people must approve in a cluster. */
export function twoApproversFrom({ clusters }: Config): TwoApproversDeps['twoFrom'] {
  return (cluster) => {
    const own = clusters.find(({ name }) => name === cluster) ?? (clusters.length === 1 ? clusters[0] : undefined);
    // A plan of a cluster that the configuration does not name any more: the strictest of all.
    const from = own ? [own] : clusters;
    const risks = from.map(({ settings }) => settings.TWO_APPROVERS_FROM);
    return (['low', 'medium', 'high'] as const).find((risk) => risks.includes(risk)) ?? null;
  };
}

/** Who may approve, by cluster (where the configuration names clusters) and by namespace. */
export function approversByCluster({ clusters, CLUSTERS: named }: Config): {
  readonly approversOf?: ReadonlyMap<string, readonly string[]>;
  readonly namespaceApprovers: (cluster: string, namespace: string) => readonly string[];
} {
  const namespaceApprovers = (cluster: string, namespace: string) =>
    (clusters.find(({ name }) => name === cluster)?.settings.NAMESPACE_APPROVERS ?? []).flatMap((entry) => {
      const { namespace: of, approver } = namespaceApprover(entry);
      return of === namespace ? [approver] : [];
    });
  if (named === undefined) return { namespaceApprovers };
  return { namespaceApprovers, approversOf: new Map(clusters.map(({ name, settings }) => [name, settings.APPROVERS])) };
}

/** Returns the parts of an entry of NAMESPACE_APPROVERS. */
export function namespaceApprover(entry: string): { readonly namespace: string; readonly approver: string } {
  const at = entry.indexOf('=');
  return { namespace: entry.slice(0, at), approver: entry.slice(at + 1) };
}
