/** Calico's objects of settings for the whole cluster, as the API server has them where it is the datastore. */
import type { ApiRead } from '../model/api-reads.ts';
import { calicoApis, type CalicoApi } from '../model/datastore-kind.ts';
import type { KubernetesObject } from '../model/kubernetes.ts';

/** What calico-node writes about the cluster, and a migration of the datastore changes. */
export interface ClusterInformation extends KubernetesObject {
  readonly spec?: { readonly datastoreReady?: boolean; readonly calicoVersion?: string };
}

/** The name of the object for the whole cluster, of each of these kinds. */
export const settingsName = 'default';

/** In every group that Calico may keep it in: Calico reads the first of them that has it. */
export const clusterInformationReads: readonly ApiRead[] = calicoApis.map((apiVersion) => ({
  verb: 'get',
  apiVersion,
  kind: 'ClusterInformation',
  where: 'cluster',
  names: [settingsName],
}));

/** Names the object, for a reader. */
export const clusterInformationIn = (apiVersion: CalicoApi) =>
  ({ apiVersion, kind: 'ClusterInformation', name: settingsName }) as const;
