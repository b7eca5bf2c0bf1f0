import type { Administrator, KubeObject } from '../control-plane/api.ts';
import { calicoNamespace, type Topology } from '../topology.ts';
import { ensureKinds } from './calico-crds.ts';

/**
 * What Calico's operator puts into a cluster beside Calico's own parts, in its names and labels: its kinds, the
 * Installation that it serves, what it says of its components. No operator runs here: nobody restores what is changed.
 */

const group = 'operator.tigera.io';
const kinds = ['Installation', 'TigeraStatus'].map((kind) => ({ kind, scope: 'Cluster' }));

const condition = (type: string, status: 'True' | 'False') => ({
  type,
  status,
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: type === 'Available' ? 'AllObjectsAvailable' : 'NotApplicable',
});

async function ensureNamespace(api: Administrator, name: string): Promise<void> {
  await api.ensure('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { name, 'pod-security.kubernetes.io/enforce': 'privileged' } },
  });
}

/** Resolves to what marks an object as made by the operator for its Installation. */
export async function ensureOperator(
  api: Administrator,
  { dataplane }: Pick<Topology, 'dataplane'>,
): Promise<(object: KubeObject) => KubeObject> {
  await Promise.all([
    ensureKinds(api, group, kinds),
    ...['tigera-operator', calicoNamespace({ layout: 'operator' })].map((name) => ensureNamespace(api, name)),
  ]);
  const installation = await api.ensure(`/apis/${group}/v1/installations`, {
    apiVersion: `${group}/v1`,
    kind: 'Installation',
    metadata: { name: 'default' },
    spec: {
      variant: 'Calico',
      calicoNetwork: { bgp: 'Enabled', linuxDataplane: dataplane === 'nftables' ? 'Nftables' : 'Iptables' },
    },
    status: { variant: 'Calico', calicoVersion: 'master' },
  });
  await api.ensure(`/apis/${group}/v1/tigerastatuses`, {
    apiVersion: `${group}/v1`,
    kind: 'TigeraStatus',
    metadata: { name: 'calico' },
    spec: {},
    status: {
      conditions: [condition('Available', 'True'), condition('Progressing', 'False'), condition('Degraded', 'False')],
    },
  });
  const owner = {
    apiVersion: `${group}/v1`,
    kind: 'Installation',
    name: 'default',
    uid: installation.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return (object) => {
    const { name } = object.metadata;
    const app = { 'k8s-app': name, 'app.kubernetes.io/name': name };
    return {
      ...object,
      metadata: {
        ...object.metadata,
        ...(object.kind === 'Deployment' ? { labels: app } : {}),
        ownerReferences: [owner],
      },
      ...(object.spec?.['template'] ? { spec: withLabels(object.spec, { ...app, ...common }) } : {}),
    };
  };
}

/** On the pods of its workloads. */
const common = {
  'app.kubernetes.io/instance': 'default',
  'app.kubernetes.io/component': 'Installation.operator.tigera.io',
  'app.kubernetes.io/part-of': 'Calico',
  'app.kubernetes.io/managed-by': 'tigera-operator',
};

function withLabels(spec: Record<string, unknown>, labels: Record<string, string>): Record<string, unknown> {
  return { ...spec, template: { ...(spec['template'] as object), metadata: { labels } } };
}
