import { beforeAll, expect, test } from '@jest/globals';
import { twinWalks } from '../../src/computed/twin-walks.ts';
import { twinsOf } from '../../src/calico/twins.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import type { TwinWalk } from '../../src/model/twin-walk.ts';
import { captured, changed, derive, valueOf, type Facts } from '../support/facts.ts';
import { profiled, unselected, withTwins } from '../support/twins.ts';

const [policyCapture, profileCapture] = ['k8s-deny-ingress-legacy', 'profile-missing-rbac-legacy'];
let denied: Facts;
let withoutProfile: Facts;
beforeAll(async () => {
  denied = await captured(policyCapture);
  withoutProfile = await captured(profileCapture);
});

async function twins(facts: Facts): Promise<readonly TwinWalk[]> {
  const fact = await derive(facts, twinWalks);
  if (fact?.status !== 'observed') throw new Error('it was not computed');
  return fact.value as readonly TwinWalk[];
}

const of = (name: string, more: object = {}) => ({ name, rules: unselected, ...more });

test('a pod that the policy does not select is a twin', async () => {
  const found = await twins(withTwins(denied, policyCapture, [of('web-2')]));
  expect(found).toMatchObject([{ pod: 'default/web-2', leg: 'target-ingress', node: 'n1', isUnselected: true }]);
  expect(found[0]?.walk.result).toMatchObject({ decision: 'accept', owner: { kind: 'profile', name: 'kns.default' } });
  expect(found[0]?.ending).toEqual((await denialsOf(denied))[0]?.rule);
});

async function denialsOf(facts: Facts) {
  const fact = await derive(facts, (await import('../../src/computed/denials.ts')).denials);
  return fact?.status === 'observed' ? (fact.value as { denied: readonly { rule: object }[] }).denied : [];
}

test.each([
  ['the policy selects it too', { rules: (copied: readonly string[]) => copied }],
  ['Felix has not programmed it', { rules: () => [] }],
  ['its interface is down', { flags: ['BROADCAST'] }],
  ['it is on another node', { more: { spec: { nodeName: 'n2', containers: [] } } }],
  ['it is on the host network', { more: { spec: { nodeName: 'n1', hostNetwork: true, containers: [] } } }],
  ['it does not run', { more: { status: { phase: 'Failed', podIP: '10.244.1.50' } } }],
  ['it has no address', { more: { status: { phase: 'Running' } } }],
])('a pod is no twin: %s', async (_, more) => {
  expect(await twins(withTwins(denied, policyCapture, [of('web-2', more)]))).toEqual([]);
});

test('a pod without a route of its own is no twin', async () => {
  const facts = withTwins(denied, policyCapture, [of('web-2')]);
  const routes = valueOf(facts, 'routes@target').filter(({ destination }) => destination !== '10.244.1.50/32');
  expect(await twins(changed(facts, { 'routes@target': routes }))).toEqual([]);
});

test('programs of the interface decide on a node with the eBPF dataplane: no rule shows a twin there', async () => {
  const facts = withTwins(denied, policyCapture, [of('web-2')]);
  const dataplanes = valueOf(facts, 'dataplanes').map((one) => ({ ...one, dataplane: 'ebpf' as const }));
  expect(await twins(changed(facts, { dataplanes }))).toEqual([]);
});

test('a packet that only the kernel sends to the ending rule, and the main table does not, is not compared', async () => {
  const facts = withTwins(denied, policyCapture, [of('web-2')]);
  const { address } = valueOf(facts, 'flow').destination;
  const routes = valueOf(facts, 'routes@target').filter(({ destination }) => destination !== `${address}/32`);
  expect(await twins(changed(facts, { 'routes@target': routes }))).toEqual([]);
});

test('a pod whose profile is there shows what a missing one costs', async () => {
  const twin = { namespace: 'shop', name: 'db', rules: profiled('kns.shop') };
  const [found] = await twins(withTwins(withoutProfile, profileCapture, [twin]));
  expect(found).toMatchObject({ pod: 'shop/db', isUnselected: false });
  expect(found?.walk.result.owner).toMatchObject({ kind: 'profile', name: 'kns.shop' });
});

test('without a denial there is none', async () => {
  const healthy = await captured('healthy-legacy');
  expect(await twins(withTwins(healthy, 'healthy-legacy', [of('web-2')]))).toEqual([]);
});

const pod = (namespace: string, name: string): Pod => ({
  metadata: { namespace, name },
  spec: { nodeName: 'n1', containers: [] },
  status: { phase: 'Running', podIP: '10.244.1.60' },
});

test('pods of the same namespace come first, and the ends of the flow are none', () => {
  const flow = valueOf(denied, 'flow');
  const pods = [pod('a', 'one'), pod('default', 'mypod'), pod('default', 'two'), pod('default', 'one')];
  const names = twinsOf(flow.destination, flow, pods).map(({ namespace, name }) => `${namespace}/${name}`);
  expect(names).toEqual(['default/one', 'default/two', 'a/one']);
});
