import type { Administrator } from '../control-plane/api.ts';
import { until } from '../run.ts';

/** The kinds that Calico keeps in the Kubernetes API where that is its datastore. Their fields are not checked here. */

export const calicoGroup = 'crd.projectcalico.org';

const clusterKinds = [
  'BGPConfiguration',
  'BGPFilter',
  'BGPPeer',
  'BlockAffinity',
  'CalicoNodeStatus',
  'ClusterInformation',
  'FelixConfiguration',
  'GlobalNetworkPolicy',
  'GlobalNetworkSet',
  'HostEndpoint',
  'IPAMBlock',
  'IPAMConfig',
  'IPAMHandle',
  'IPPool',
  'IPReservation',
  'KubeControllersConfiguration',
  'StagedGlobalNetworkPolicy',
  'Tier',
] as const;
/** Calico's programs report in them. */
const withStatus: readonly string[] = ['CalicoNodeStatus', 'KubeControllersConfiguration', 'Tier'];
const namespacedKinds = [
  'NetworkPolicy',
  'NetworkSet',
  'StagedKubernetesNetworkPolicy',
  'StagedNetworkPolicy',
] as const;

/** `networkpolicies` of `NetworkPolicy`. */
function calicoPlural(kind: string): string {
  const name = kind.toLowerCase();
  return name.endsWith('y') ? `${name.slice(0, -1)}ies` : name.endsWith('s') ? `${name}es` : `${name}s`;
}

/** Path of a kind's objects; of one namespace for those that have one. */
export function calicoPath(kind: string, namespace: string | null = null, group = calicoGroup, version = 'v1'): string {
  return `/apis/${group}/${version}${namespace === null ? '' : `/namespaces/${namespace}`}/${calicoPlural(kind)}`;
}

/** Where the objects of ClusterNetworkPolicy are. Calico's manifests bring the kind since v3.32. */
export const clusterPolicyPath = calicoPath('ClusterNetworkPolicy', null, 'policy.networking.k8s.io', 'v1alpha2');

/** The API server asks for it in a group of Kubernetes itself. */
const approved = { 'api-approved.kubernetes.io': 'unapproved, for tests alone' };

type Kind = { readonly kind: string; readonly scope: string };

/** Makes every kind of Calico's own objects. */
export async function ensureCalicoKinds(api: Administrator): Promise<void> {
  await ensureKinds(api, calicoGroup, [
    ...clusterKinds.map((kind) => ({ kind, scope: 'Cluster' })),
    ...namespacedKinds.map((kind) => ({ kind, scope: 'Namespaced' })),
  ]);
  const [, , group = '', version = ''] = clusterPolicyPath.split('/');
  await ensureKinds(api, group, [{ kind: 'ClusterNetworkPolicy', scope: 'Cluster' }], version);
}

/** Makes the kinds of a group, and waits until the API server serves them. */
export async function ensureKinds(
  api: Administrator,
  group: string,
  kinds: readonly Kind[],
  version = 'v1',
): Promise<void> {
  await Promise.all(
    kinds.map(({ kind, scope }) => {
      const plural = calicoPlural(kind);
      return api.ensure('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `${plural}.${group}`, ...(group.endsWith('.k8s.io') ? { annotations: approved } : {}) },
        spec: {
          group,
          scope,
          names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
          versions: [
            {
              name: version,
              served: true,
              storage: true,
              ...(withStatus.includes(kind) ? { subresources: { status: {} } } : {}),
              schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            },
          ],
          preserveUnknownFields: false,
        },
      });
    }),
  );
  await Promise.all(
    kinds.map(({ kind }) =>
      until(`${kind} to be served`, 60, async () =>
        (await api.send('GET', calicoPath(kind, null, group, version))).status === 200 ? true : null,
      ),
    ),
  );
}
