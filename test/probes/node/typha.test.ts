import { describe, expect, test } from '@jest/globals';
import type { Install, InstalledPart } from '../../../src/model/install.ts';
import { LookError } from '../../../src/model/look-error.ts';
import { typha } from '../../../src/probes/node/typha.ts';
import { clusterOf } from '../cluster-of.ts';
import { codeOf, probing } from '../scripted.ts';

const part: InstalledPart = {
  kind: 'Deployment',
  namespace: 'kube-system',
  name: 'calico-typha',
  selector: 'k8s-app=calico-typha',
  account: 'calico-node',
  owner: null,
};
const install: Install = {
  kind: 'manifest',
  node: null,
  backend: null,
  controllers: null,
  typha: part,
  apiServer: null,
  operator: null,
  unread: [],
};
const uid = 'uid of typha';
const owned = (kind: string, name: string, of: string) => [{ kind, name, uid: of, controller: true }];
const objects = (replicas: number, ready: 'True' | 'False' = 'True') => [
  { kind: 'Namespace', metadata: { name: 'kube-system' } },
  {
    kind: 'Deployment',
    metadata: { name: 'calico-typha', namespace: 'kube-system', uid },
    spec: {
      replicas,
      selector: { matchLabels: { 'k8s-app': 'calico-typha' } },
      template: { spec: { containers: [] } },
    },
  },
  {
    kind: 'ReplicaSet',
    metadata: {
      name: 'set',
      namespace: 'kube-system',
      uid: 'set',
      labels: { 'k8s-app': 'calico-typha' },
      ownerReferences: owned('Deployment', 'calico-typha', uid),
    },
  },
  ...Array.from({ length: replicas }, (_, at) => ({
    kind: 'Pod',
    metadata: {
      name: `typha-${at}`,
      namespace: 'kube-system',
      labels: { 'k8s-app': 'calico-typha' },
      ownerReferences: owned('ReplicaSet', 'set', 'set'),
    },
    spec: { nodeName: `n${at + 1}`, containers: [] },
    status: {
      phase: 'Running',
      podIP: `10.0.0.${at + 2}`,
      podIPs: [{ ip: `10.0.0.${at + 2}` }, { ip: `fd00::${at + 2}` }],
      conditions: [{ type: 'Ready', status: ready }],
    },
  })),
];
const looked = (
  said: object,
  { replicas = 1, has = part, ready }: { replicas?: number; has?: InstalledPart | null; ready?: 'True' | 'False' } = {},
) =>
  probing(typha, {
    script: { 'ss-typha': said },
    cluster: clusterOf(objects(replicas, ready)),
    facts: { install: { ...install, typha: has } },
  }).fact('typha');

describe('the connections of a node', () => {
  test.each([
    ['ESTAB 0 0 10.0.0.1:40000 10.0.0.2:5473\n', 'established'],
    ['TIME-WAIT 0 0 10.0.0.1:1 10.0.0.2:5473\nESTAB 0 0 10.0.0.1:2 10.0.0.2:5473\n', 'established'],
    ['SYN-SENT 0 1 10.0.0.1:40000 10.0.0.2:5473\n', 'trying'],
    ['', 'none'],
  ])('%j', async (stdout, state) => {
    expect(await looked({ stdout })).toMatchObject({
      value: { name: 'calico-typha', wanted: 1, runsOn: ['n1'], readyOn: ['n1'], connections: [{ node: 'n1', state }] },
    });
  });
  test.each([
    ['ESTAB 0 0 10.0.0.1:40000 10.0.0.3:5473 \n', ['n2']],
    ['ESTAB 0 0 [::ffff:10.0.0.1]:40000 [::ffff:10.0.0.2]:5473\n', ['n1']],
    ['ESTAB 0 0 [fd00::1]:40000 [fd00::3]:5473\n', ['n2']],
    ['TIME-WAIT 0 0 10.0.0.1:1 10.0.0.2:5473\nESTAB 0 0 10.0.0.1:2 10.0.0.3:5473\n', ['n2']],
    ['SYN-SENT 0 1 10.0.0.1:40000 10.0.0.2:5473\n', []],
    ['ESTAB 0 0 10.0.0.1:40000 10.0.0.77:5473\n', []],
  ])('%j: to the Typha of %j', async (stdout, to) => {
    expect(await looked({ stdout }, { replicas: 2 })).toMatchObject({ value: { connections: [{ node: 'n1', to }] } });
  });
  test.each([
    ['ss is not there', { exit: 127, stderr: 'sudo: ss: command not found' }, 'tool-missing'],
    ['it was cut off', { stdout: 'ESTAB', truncated: true }, 'output-too-large'],
    ['the node is gone', new LookError('ssh-lost', 'n1: gone'), 'ssh-lost'],
  ])('a gap where %s', async (_, said, code) => {
    expect(await looked(said)).toMatchObject({ value: { connections: [] }, gaps: [{ code }] });
  });
});

test('a Typha that runs and is not ready', async () => {
  expect(await looked({ stdout: '' }, { ready: 'False' })).toMatchObject({ value: { runsOn: ['n1'], readyOn: [] } });
});

test('a Typha that is scaled to 0', async () => {
  expect(await looked({ stdout: '' }, { replicas: 0 })).toMatchObject({ value: { wanted: 0, runsOn: [] } });
});

test('does not apply where the cluster has none', async () => {
  expect(codeOf(await looked({}, { has: null }))).toBe('not-applicable');
});
