import { beforeEach, describe, expect, test } from '@jest/globals';
import { scaleControllerBack as fix } from '../../src/fixes/scale-controller-back/scale-controller-back.ts';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import type { Deployment, KubernetesObject } from '../../src/model/kubernetes.ts';
import type { ApiAnswer } from '../../src/model/ports.ts';
import { undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { clusterOf } from '../probes/cluster-of.ts';
import { byInstallation, workloadIn } from '../support/installs.ts';
import { goldenText, planTextOf } from './golden-plan.ts';
import { localNode, type LocalNode } from './local-node.ts';
import { madePlan, planned } from './planned.ts';

const name = 'calico-kube-controllers';
const input = { node: 'n1', nodeAddress: '10.0.0.9', namespace: 'kube-system', name, datastore: 'etcdv3' } as const;
const at = '2026-11-23T18:00:00.000Z';
const sentence = 'Operation cannot be fulfilled: the object has been modified';

let node: LocalNode;
let deployment: Deployment;
let others: KubernetesObject[];
/** Before each write of the fix that is no dry run. */
let meanwhile: (() => void)[];
let patches: string[];

const object = (kind: string, of: string, more: object = {}) => ({ kind, metadata: { name: of }, ...more });
/** As `calicoctl get` prints names. */
const table = (...names: readonly string[]) => ['NAME   ', ...names.map((one) => `${one}   `), ''].join('\n');

const withVariables = (env: readonly { readonly name: string; readonly value?: string }[]) => {
  const template = { spec: { containers: [{ name, env }] } };
  deployment = { ...deployment, spec: { ...deployment.spec, template } };
};
/** As calicoctl misses a profile. */
const missing = (why: string) => `resource does not exist: Profile(kns.no.namespace) with error: ${why}\n`;

const change = (replicas: number | null, metadata: Partial<Deployment['metadata']> = {}) => {
  const { resourceVersion, ...rest } = deployment.metadata;
  deployment = {
    ...deployment,
    metadata: { ...rest, resourceVersion: String(Number(resourceVersion) + 1), ...metadata },
    spec: { ...deployment.spec, ...(replicas === null ? {} : { replicas }) },
  };
};

beforeEach(() => {
  node = localNode({});
  node.says('calicoctl-get-clusterinformation', 'spec:\n  datastoreReady: true\n');
  node.says('calicoctl-get-profile-names', table('projectcalico-default-allow', 'kns.shop', 'ksa.shop.default'));
  node.says('calicoctl-get-node-names', table('n1', 'n2'));
  node.says('grep-datastore-type', '  datastoreType: etcdv3\n');
  deployment = workloadIn('kube-system', 'Deployment', name, { resourceVersion: '7' });
  deployment = { ...deployment, spec: { ...deployment.spec, replicas: 0 } };
  others = [object('Namespace', 'shop'), object('Node', 'n1'), object('Node', 'n2')];
  meanwhile = [];
  patches = [];
});

/** An API server that takes a change of the version that it holds alone. */
const access = (refused?: Parameters<typeof clusterOf>[1]): ClusterAccess => ({
  cluster: {
    ...clusterOf([]),
    read: async (reference) => clusterOf([deployment, ...others], refused).read(reference),
  },
  writer: {
    merge: async <T>(...[reference, asked, precondition, { dryRun }]: Parameters<ClusterAccess['writer']['merge']>) => {
      if (!dryRun) meanwhile.shift()?.();
      const { uid, resourceVersion } = deployment.metadata;
      const { replicas }: Deployment['spec'] = Object.values(asked)[0];
      patches.push(`${reference.name}/${reference.subresource} ${replicas}${dryRun ? ' dry' : ''}`);
      if (precondition.uid !== uid || precondition.resourceVersion !== resourceVersion)
        return { ok: false, status: 409, reason: sentence, request: 'PATCH', at };
      if (!dryRun) change(replicas ?? null);
      const answer: ApiAnswer<Deployment> = { ok: true, value: deployment, request: 'PATCH', at };
      return answer as ApiAnswer<T & Deployment>;
    },
  },
  shells: node,
  clock: { now: () => new Date(at), sleep: async () => undefined },
  calicoNamespaces: ['kube-system', 'calico-system'],
  close: async () => undefined,
});
const offer = { rule: 'controller-not-running', subject: { kind: 'Controller', name: `kube-system/${name}` } } as const;
const draft = (of: object = {}) => madePlan(fix, access(), { ...offer, input: { ...input, ...of } });
const why = async (of: object = {}, refused?: Parameters<typeof clusterOf>[1]) => {
  const plan = await planned(fix, access(refused), { ...offer, input: { ...input, ...of } });
  return typeof plan === 'string' ? plan : 'planned';
};
const informed = object('ClusterInformation', 'default', { spec: { datastoreReady: true } });

test('the plan is what a person is asked to approve', () => {
  expect(planTextOf(fix, input, { uid: 'u', resourceVersion: '7', owner: 'Helm release calico' })).toBe(
    goldenText('scale-controller-back'),
  );
});

test('planning asks the server in a dry run alone; applying scales once; rolling back scales to 0', async () => {
  const plan = await draft();
  expect(plan.rehearsed).toBe(true);
  expect([patches, deployment.spec.replicas]).toEqual([[`${name}/scale 1 dry`], 0]);
  expect(plan.preconditions.map(({ id }) => id)).toEqual([
    'deployment',
    'no-operator',
    'settings',
    'datastore-ready',
    'nothing-to-delete',
  ]);
  const first = await writeFix(fix, access(), plan);
  expect([first, deployment.spec.replicas]).toMatchObject([{ outcome: 'applied' }, 1]);
  expect(await writeFix(fix, access(), plan)).toMatchObject({ outcome: 'superseded' });
  if (first.outcome !== 'applied') throw new Error('not applied');
  // A pod that starts changes the Deployment's status.
  change(null);
  meanwhile = [() => change(null)];
  expect(await undoFix(fix, access(), plan, first.applied)).toMatchObject({ ok: true });
  expect(deployment.spec.replicas).toBe(0);
  expect(await undoFix(fix, access(), plan, first.applied)).toMatchObject({
    ok: true,
    why: expect.stringContaining('already'),
  });
});

describe('an approved plan', () => {
  test('is refused when somebody changed the Deployment since', async () => {
    const plan = await draft();
    change(null);
    expect(await writeFix(fix, access(), plan)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('the cluster changed since the plan'),
    });
    expect(deployment.spec.replicas).toBe(0);
  });
  test('is refused when somebody changes it in the same moment', async () => {
    const plan = await draft();
    meanwhile = [() => change(null)];
    expect(await writeFix(fix, access(), plan)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining(sentence),
    });
    expect(deployment.spec.replicas).toBe(0);
  });
  test('is superseded when a person scaled it', async () => {
    const plan = await draft();
    change(1);
    expect(await writeFix(fix, access(), plan)).toMatchObject({ outcome: 'superseded' });
  });
});

const applied = async () => {
  const plan = await draft();
  const done = await writeFix(fix, access(), plan);
  if (done.outcome !== 'applied') throw new Error('not applied');
  return { plan, applied: done.applied };
};

describe('is not rolled back', () => {
  test.each<[string, () => void, string]>([
    ['what somebody scaled since', () => change(2), 'somebody scaled it to 2'],
    ['another Deployment of the name', () => change(null, { uid: 'other' }), 'it is another one now'],
    ['what changes each time', () => void (meanwhile = Array.from({ length: 9 }, () => () => change(null))), sentence],
  ])('%s', async (_, since, words) => {
    const done = await applied();
    since();
    expect(await undoFix(fix, access(), done.plan, done.applied)).toMatchObject({
      ok: false,
      why: expect.stringContaining(words),
    });
    expect(deployment.spec.replicas).not.toBe(0);
  });
  test('without what was applied', async () => {
    const { plan } = await applied();
    await expect(undoFix(fix, access(), plan, {})).rejects.toThrow();
    expect(deployment.spec.replicas).toBe(1);
  });
});

describe('no plan', () => {
  test.each<[string, () => void, string, object?]>([
    ['where an operator owns it', () => change(null, byInstallation), 'belongs to Installation default'],
    ['of a Deployment that runs', () => change(1), 'is scaled to 1 now'],
    ["in the operator's namespace", () => undefined, 'is not the Deployment of', { namespace: 'calico-system' }],
    ['of another Deployment', () => undefined, 'is not the Deployment of', { name: 'calico-typha' }],
    [
      'while the datastore is locked',
      () => node.says('calicoctl-get-clusterinformation', 'spec:\n  datastoreReady: false\n'),
      'does not say that it is ready',
    ],
    [
      'while the datastore does not answer',
      () => node.says('calicoctl-get-clusterinformation', '', 1),
      'its conditions were not checked',
    ],
    [
      'where Kubernetes lacks the namespace of a profile',
      () => node.says('calicoctl-get-profile-names', table('kns.shop', 'kns.gone', 'ksa.lost.default')),
      "Kubernetes has no Namespace gone, which Calico's datastore knows, and lacks 1 more",
    ],
    ['where Kubernetes lacks a node', () => void others.pop(), 'Kubernetes has no Node n2'],
    [
      'where calicoctl reads the Kubernetes API',
      () => node.says('grep-datastore-type', '  datastoreType: kubernetes\n'),
      'does not show that it reads etcd',
    ],
    [
      'where calicoctl has no settings, and misses a profile in the words of the Kubernetes API',
      () => {
        node.says('grep-datastore-type', '', 2);
        node.says('calicoctl-get-profile-json', missing('namespaces "no.namespace" not found'), 1);
      },
      'does not show that it reads etcd',
    ],
    [
      'where calicoctl lists nodes of another cluster',
      () => node.says('calicoctl-get-node-names', table('n2')),
      'lists no node n1',
    ],
    [
      'where the controller is told of another API server',
      () => withVariables([{ name: 'KUBECONFIG', value: '/etc/other.conf' }]),
      'KUBECONFIG',
    ],
    ['wherever that is told', () => withVariables([{ name: 'KUBECONFIG' }]), 'KUBECONFIG'],
    [
      'where the controller is for the other datastore',
      () => withVariables([{ name: 'DATASTORE_TYPE', value: 'kubernetes' }]),
      'is for the datastore kubernetes, and calico-node for etcdv3',
    ],
    [
      'of a controller that migrates',
      () => withVariables([{ name: 'ENABLED_CONTROLLERS', value: 'flannelmigration' }]),
      'migrates the cluster from Flannel',
    ],
    ['where calicoctl lists no node', () => node.says('calicoctl-get-node-names', table()), 'lists no node'],
    [
      'where calicoctl prints no table',
      () => node.says('calicoctl-get-profile-names', 'No resources found.\n'),
      'printed no table of names',
    ],
    [
      'where there are too many to compare',
      () =>
        node.says(
          'calicoctl-get-profile-names',
          table(...Array.from({ length: 600 }, (_, number) => `kns.n${number}`)),
        ),
      'holds 602 namespaces and nodes',
    ],
    ['where the Kubernetes datastore is not known to be ready', () => undefined, 'ready', { datastore: 'kubernetes' }],
  ])('%s', async (...[, so, words, of]) => {
    so();
    expect(await why(of)).toContain(words);
    expect(patches).toEqual([]);
  });
  test('where a namespace could not be read: that is no absence', async () => {
    expect(await why({}, { refused: { Namespace: 500 } })).toContain('its conditions were not checked');
  });
  test('where the server refuses it in a dry run', async () => {
    const refusing: ClusterAccess = {
      ...access(),
      writer: { merge: async () => ({ ok: false, status: 403, reason: 'forbidden', request: 'PATCH', at }) },
    };
    expect(await planned(fix, refusing, { ...offer, input })).toContain('refuses it in a dry run: forbidden');
  });
});

test('calicoctl without a file of settings shows by its words that it reads etcd', async () => {
  node.says('grep-datastore-type', '', 2);
  node.says('calicoctl-get-profile-json', missing('<nil>'), 1);
  withVariables([
    { name: 'DATASTORE_TYPE', value: 'etcdv3' },
    { name: 'ENABLED_CONTROLLERS', value: 'policy,namespace,node' },
  ]);
  expect(await why()).toBe('planned');
});

test('with the Kubernetes datastore no node is asked', async () => {
  others = [informed];
  expect(await draft({ datastore: 'kubernetes' })).toMatchObject({
    nodes: [],
    reason: expect.stringContaining('releases addresses of nodes that are gone'),
  });
  expect(node.ran).toEqual([]);
});

test('a write without an answer says that the Deployment may be scaled or not', async () => {
  const plan = await draft();
  const lost: ClusterAccess = {
    ...access(),
    writer: {
      merge: async (_, change_, _precondition, { dryRun }) =>
        dryRun
          ? { ok: true, value: change_ as never, request: 'PATCH', at }
          : { ok: false, status: null, reason: 'no answer', request: 'PATCH', at },
    },
  };
  expect(await writeFix(fix, lost, plan)).toMatchObject({
    outcome: 'failed',
    why: 'PATCH: no answer (the Deployment may be scaled or not)',
  });
});
