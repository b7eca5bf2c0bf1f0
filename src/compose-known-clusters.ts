/** What the bot knows of the configured clusters. */
import type { Config } from './config.ts';
import type { KnownClusters } from './model/known-clusters.ts';

export function knownClusters({ clusters }: Config): KnownClusters {
  return clusters.map(({ name, channels, settings }) => ({
    name,
    channels,
    alertChannel: settings.ALERT_CHANNEL ?? null,
  }));
}

/** Returns nothing where the configuration names no clusters. */
export function approversByCluster({ clusters, CLUSTERS: named }: Config): {
  readonly approversOf?: ReadonlyMap<string, readonly string[]>;
} {
  if (named === undefined) return {};
  return { approversOf: new Map(clusters.map(({ name, settings }) => [name, settings.APPROVERS])) };
}
