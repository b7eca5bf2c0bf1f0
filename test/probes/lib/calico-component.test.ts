import { describe, expect, test } from '@jest/globals';
import { strangersNote } from '../../../src/engine/strangers-note.ts';
import type { Deployment, KubernetesObject, Pod } from '../../../src/model/kubernetes.ts';
import { calicoNodeAccess } from '../../../src/probes/cluster/calico-node-access.ts';
import { controllerLog } from '../../../src/probes/cluster/controller-log.ts';
import { controller } from '../../../src/probes/cluster/controller.ts';
import { felixLog } from '../../../src/probes/cluster/felix-log.ts';
import { clusterOf } from '../cluster-of.ts';
import { codeOf, probing } from '../scripted.ts';

const name = 'calico-kube-controllers';
const workload = (kind: string, of: string, namespace = 'kube-system'): Deployment => ({
  kind,
  metadata: { name: of, namespace, uid: `${kind} ${namespace}/${of}` },
  spec: {
    replicas: 1,
    selector: { matchLabels: { 'k8s-app': of } },
    template: { spec: { serviceAccountName: of, containers: [] } },
  },
});
const owned = (owner: KubernetesObject, controls = true) => [
  { kind: owner.kind ?? '', name: owner.metadata.name, uid: owner.metadata.uid ?? '', controller: controls },
];
const setOf = (owner: KubernetesObject, namespace = 'kube-system'): KubernetesObject => ({
  kind: 'ReplicaSet',
  metadata: {
    name: `${owner.metadata.name}-5d`,
    namespace,
    uid: `ReplicaSet of ${owner.metadata.uid}`,
    labels: { 'k8s-app': owner.metadata.name },
    ownerReferences: owned(owner),
  },
});
const podOf = (
  owner: KubernetesObject | null,
  of: string,
  namespace = 'kube-system',
  label = name,
  more: Partial<Pod['spec']> = {},
): Pod => ({
  kind: 'Pod',
  metadata: { name: of, namespace, labels: { 'k8s-app': label }, ...(owner ? { ownerReferences: owned(owner) } : {}) },
  spec: {
    nodeName: 'n1',
    serviceAccountName: label,
    containers: [{ name: label, env: [{ name: 'ENABLED_CONTROLLERS', value: 'policy, namespace' }] }],
    ...more,
  },
  status: { phase: 'Running' },
});
const namespaces: readonly KubernetesObject[] = ['kube-system', 'default'].map((one) => ({
  kind: 'Namespace',
  metadata: { name: one },
}));
const deployment = workload('Deployment', name);
const set = setOf(deployment);
const agents = workload('DaemonSet', 'canal');
const real = [...namespaces, deployment, set, podOf(set, 'zzz-real')];
const fake = podOf(null, 'aaa-fake', 'default', name, {
  serviceAccountName: 'default',
  containers: [{ name: 'sh', env: [{ name: 'ENABLED_CONTROLLERS', value: 'node' }] }],
});

const found = async (objects: readonly KubernetesObject[], refused: Readonly<Record<string, number | null>> = {}) =>
  probing(controller, { cluster: clusterOf(objects, { refused }) }).fact('controller');
const seen = async (objects: readonly KubernetesObject[]) => {
  const fact = await found(objects);
  if (fact.status !== 'observed') throw new Error(fact.reason);
  const { value } = fact;
  return {
    pods: value.pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    account: value.account && `${value.account.namespace}/${value.account.name}`,
    deployment: value.deployment !== null,
    strangers: value.strangers,
  };
};
const itself = { pods: ['kube-system/zzz-real'], account: `kube-system/${name}`, deployment: true };

/** What is shown as the controller's log, where every pod has one. */
const log = async (objects: readonly KubernetesObject[]) => {
  const cluster = clusterOf(objects, { logs: { 'default/aaa-fake': 'run this', 'kube-system/zzz-real': 'started' } });
  const fact = await found(objects);
  return probing(controllerLog, { cluster, facts: { controller: fact } }).fact('controller-log');
};

describe('the controller is what its Deployment owns in a namespace of Calico', () => {
  test('its pod says the account and the enabled controllers', async () => {
    expect(
      await seen([
        ...namespaces,
        deployment,
        set,
        podOf(set, 'zzz-real', 'kube-system', name, { serviceAccountName: 'default' }),
      ]),
    ).toMatchObject({ account: 'kube-system/default' });
    expect(await found(real)).toMatchObject({ value: { enabledControllers: ['policy', 'namespace'] } });
  });
  test('a labelled pod of a tenant is a note and nothing else', async () => {
    expect(await seen([fake, ...real])).toEqual({ ...itself, strangers: ['default/aaa-fake'] });
    expect(strangersNote(await found([fake, ...real]))).toEqual([
      "Pod default/aaa-fake carries Calico's label and is not Calico's. It was ignored.",
    ]);
    expect(strangersNote(await found(real))).toEqual([]);
  });
  test('decoys do not hide it, however many, outside or inside its namespace', async () => {
    for (const namespace of ['default', 'kube-system']) {
      const decoys = Array.from({ length: 3000 }, (_, i) => ({
        ...podOf(null, `aaa-${i}`, namespace),
        status: { phase: 'Pending' },
      }));
      const { strangers, ...rest } = await seen([...decoys, ...real]);
      expect(rest).toEqual(itself);
      expect(strangers).toHaveLength(20);
    }
    const many = await found([...Array.from({ length: 40 }, (_, i) => podOf(null, `aaa-${i}`, 'default')), ...real]);
    expect(strangersNote(many)).toEqual([
      "Pods default/aaa-0, default/aaa-1, default/aaa-2 and 17 or more others carry Calico's label and are not Calico's. They were ignored.",
    ]);
  });
  test.each<[string, Pod]>([
    ['no owner', podOf(null, 'other')],
    ['the real name, another uid', podOf({ ...set, metadata: { ...set.metadata, uid: 'forged' } }, 'other')],
    [
      'the uid in an owner that does not control it',
      { ...podOf(set, 'other'), metadata: { ...podOf(set, 'other').metadata, ownerReferences: owned(set, false) } },
    ],
    [
      'a ReplicaSet that the Deployment does not own',
      podOf({ kind: 'ReplicaSet', metadata: { name: 'x', uid: 'x' } }, 'other'),
    ],
  ])('a pod in its namespace with %s is not its', async (_, pod) => {
    expect(
      await seen([
        ...real,
        pod,
        {
          kind: 'ReplicaSet',
          metadata: { name: 'x', namespace: 'kube-system', uid: 'x', labels: { 'k8s-app': name } },
        },
      ]),
    ).toEqual({ ...itself, strangers: ['kube-system/other'] });
  });
  test("the tenant's own Deployment of the same name is not looked at", async () => {
    const own = workload('Deployment', name, 'default');
    const ownSet = setOf(own, 'default');
    expect(await seen([...namespaces, own, ownSet, podOf(ownSet, 'mine', 'default')])).toEqual({
      pods: [],
      account: null,
      deployment: false,
      strangers: ['default/mine'],
    });
    expect(await seen([...real, own, ownSet, podOf(ownSet, 'mine', 'default')])).toEqual({
      ...itself,
      strangers: ['default/mine'],
    });
  });
  test('where the operator installs it, the one that runs counts', async () => {
    const operated = workload('Deployment', name, 'calico-system');
    const operatedSet = setOf(operated, 'calico-system');
    const objects = [
      ...namespaces,
      { kind: 'Namespace', metadata: { name: 'calico-system' } },
      deployment,
      operated,
      operatedSet,
      podOf(operatedSet, 'real', 'calico-system'),
    ];
    expect(await seen(objects)).toMatchObject({ pods: ['calico-system/real'], account: `calico-system/${name}` });
  });
  test("scaled to nothing: its template's account", async () => {
    expect(await seen([...namespaces, deployment])).toMatchObject({
      pods: [],
      account: `kube-system/${name}`,
      deployment: true,
    });
  });
  test('that there is none is said only where every namespace was read', async () => {
    expect(await seen(namespaces)).toMatchObject({ pods: [], account: null, deployment: false });
    expect(codeOf(await found(namespaces, { Deployment: 403 }))).toBe('api-forbidden');
    expect(codeOf(await found(namespaces, { 'Deployment kube-system': null }))).toBe('api-unreachable');
    expect(codeOf(await found(real, { 'Pod kube-system': null }))).toBe('api-unreachable');
    expect(codeOf(await found(real, { ReplicaSet: 403 }))).toBe('api-forbidden');
  });
  test('a refusal in a namespace that does not exist is a no; in one that does, it is not', async () => {
    expect(codeOf(await found(real, { 'Deployment calico-system': 403 }))).toBe('observed');
    expect(await seen([...namespaces])).toMatchObject({ deployment: false });
    expect(codeOf(await found(namespaces, { 'Deployment calico-system': 403 }))).toBe('observed');
    expect(
      codeOf(
        await found([...namespaces, { kind: 'Namespace', metadata: { name: 'calico-system' } }], {
          'Deployment calico-system': 403,
        }),
      ),
    ).toBe('api-forbidden');
  });
  test('only its own log is read', async () => {
    expect(await log([fake, ...real])).toMatchObject({ value: ['started'] });
    expect(codeOf(await log([fake, ...namespaces, deployment]))).toBe('not-applicable');
  });
});

describe('calico-node is what its DaemonSet owns on the node', () => {
  const agent = podOf(agents, 'canal-1', 'kube-system', 'canal', { serviceAccountName: 'canal-account' });
  const elsewhere = podOf(agents, 'canal-2', 'kube-system', 'canal', {
    nodeName: 'n2',
    serviceAccountName: 'canal-account',
  });
  const fakes = ['default', 'kube-system'].flatMap((namespace) =>
    ['calico-node', 'canal'].map((label) => podOf(null, `aaa-${label}`, namespace, label)),
  );
  const logs = Object.fromEntries(
    [...fakes, agent, elsewhere].map(({ metadata }) => [
      `${metadata.namespace}/${metadata.name}`,
      `log of ${metadata.name}`,
    ]),
  );
  const datastore = {
    node: 'n1',
    kind: 'kubernetes',
    reachable: true,
    error: null,
    clientVersion: null,
    clusterVersion: null,
    state: 'ready',
  } as const;

  test('its log', async () => {
    const cluster = clusterOf([...fakes, ...namespaces, agents, elsewhere, agent], { logs });
    expect(await probing(felixLog, { cluster }).fact('felix-log@target')).toMatchObject({ value: ['log of canal-1'] });
    expect(
      codeOf(
        await probing(felixLog, { cluster: clusterOf([...fakes, ...namespaces, agents], { logs }) }).fact(
          'felix-log@target',
        ),
      ),
    ).toBe('api-not-found');
    expect(
      codeOf(
        await probing(felixLog, { cluster: clusterOf([...namespaces, agents, agent], { refused: { Log: 403 } }) }).fact(
          'felix-log@target',
        ),
      ),
    ).toBe('api-forbidden');
  });
  test('its account', async () => {
    const cluster = clusterOf([...fakes, ...namespaces, agents, elsewhere, agent]);
    expect(await probing(calicoNodeAccess, { cluster, facts: { datastore } }).fact('calico-node-access')).toMatchObject(
      { value: { account: { namespace: 'kube-system', name: 'canal-account' } } },
    );
  });
});
