/** calicoctl over an etcd of the tests' own, as a node runs it. */
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createPodProfile } from '../../src/fixes/create-pod-profile/create-pod-profile.ts';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import type { FixPlan } from '../../src/model/fix.ts';
import type { Namespace } from '../../src/model/kubernetes.ts';
import { builtPrograms } from '../../tools/lab/nodes/programs.ts';
import { startEtcd } from './etcd.ts';
import { knownObjects, noWrites } from './known-objects.ts';
import { localNode, type LocalNode } from './local-node.ts';
import { planned } from './planned.ts';

export const input = {
  profile: 'kns.default',
  namespace: 'default',
  pod: 'mypod',
  workloadEndpoint: 'n1-k8s-mypod-eth0',
  node: 'n1',
  nodeAddress: '127.0.0.1',
};
const request = { rule: 'pod-profile-missing', subject: { kind: 'Profile', name: 'kns.default' }, input } as const;
const endpoint = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'WorkloadEndpoint',
  metadata: { name: 'n1-k8s-mypod-eth0', namespace: 'default' },
  spec: {
    orchestrator: 'k8s',
    node: 'n1',
    pod: 'mypod',
    endpoint: 'eth0',
    containerID: 'abc',
    interfaceName: 'cali4e199eba087',
    ipNetworks: ['10.244.1.5/32'],
    profiles: ['kns.default', 'ksa.default.default'],
  },
};
export const active: Namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'default', uid: 'ns-1', labels: { team: 'shop', 'kubernetes.io/metadata.name': 'default' } },
  status: { phase: 'Active' },
};

let etcd: Awaited<ReturnType<typeof startEtcd>>;
let environment: Record<string, string>;
export let node: LocalNode;
export const calicoctl = (args: readonly string[], stdin = '') =>
  execFileSync('calicoctl', args, {
    env: { ...process.env, ...environment },
    input: stdin,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
export const profileNow = () => {
  try {
    return JSON.parse(calicoctl(['get', 'profile', 'kns.default', '-o', 'json']));
  } catch {
    return null;
  }
};
export const context = (namespace: Namespace = active): ClusterAccess => ({
  cluster: knownObjects([
    namespace,
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: 'default', labels: { role: 'web' } },
    },
  ]),
  writer: noWrites,
  shells: node,
  close: async () => undefined,
  clock: { now: () => new Date('2026-01-01T00:00:00Z'), sleep: async () => undefined },
});
export const draft = async (change: Partial<typeof input> = {}, using = context()): Promise<FixPlan> => {
  const plan = await planned(createPodProfile, using, { ...request, input: { ...input, ...change } });
  if (typeof plan === 'string') throw new Error(plan);
  return plan;
};
export const version = (client: string) => ({
  after: false,
  answer: { stdout: `Client Version:    ${client}\nCluster Version:   v3.31.2\nCluster Type:      k8s,bgp\n` },
});
export const why = async (using: ClusterAccess, change: Partial<typeof input> = {}) => {
  const plan = await planned(createPodProfile, using, { ...request, input: { ...input, ...change } });
  return typeof plan === 'string' ? plan : 'planned';
};

beforeAll(async () => {
  etcd = await startEtcd();
  environment = {
    PATH: `${builtPrograms}:${process.env['PATH'] ?? ''}`,
    DATASTORE_TYPE: 'etcdv3',
    ETCD_ENDPOINTS: etcd.endpoint,
  };
}, 30_000);

afterAll(() => etcd.stop());

beforeEach(() => {
  node = localNode(environment);
  calicoctl(['apply', '-f', '-'], JSON.stringify(endpoint));
  if (profileNow()) calicoctl(['delete', 'profile', 'kns.default']);
});
