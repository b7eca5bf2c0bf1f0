import { beforeAll, expect, test } from '@jest/globals';
import { alsoAffected } from '../../src/computed/also-affected.ts';
import { affectedNote } from '../../src/engine/affected-note.ts';
import type { Fact } from '../../src/model/evidence.ts';
import type { AlsoAffected } from '../../src/model/also-affected.ts';
import type { FactKey } from '../../src/model/facts.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { captured, changed, factOf, valueOf, type Facts } from '../support/facts.ts';

const pod = (namespace: string, name: string, more: Partial<Pod['spec']> = {}): Pod => ({
  metadata: { namespace, name, labels: { app: 'web' } },
  spec: { nodeName: 'node-c', serviceAccountName: 'default', containers: [], ...more },
});
const pods = [
  pod('default', 'web-2'),
  pod('default', 'web-3'),
  pod('default', 'on-host', { hostNetwork: true }),
  pod('default', 'mypod'),
  pod('shop', 'web-4'),
];

async function affected(facts: Facts): Promise<readonly AlsoAffected[]> {
  const given = changed(facts, { pods, denials: await valueOfDerived(facts) });
  const found = await (alsoAffected.compute(
    {
      get: (key: FactKey) => valueOf(given, key),
      ask: async (key: FactKey) => given[key],
      evidence: () => [],
    } as never,
    {} as never,
  ) as Promise<Fact<readonly AlsoAffected[]>>);
  return found.status === 'observed' ? found.value : [];
}

async function valueOfDerived(facts: Facts) {
  const fact = await factOf(facts, 'denials');
  if (fact.status === 'unavailable') throw new Error(fact.reason);
  return fact.value;
}

let denied: Facts;
let withoutProfile: Facts;
beforeAll(async () => {
  denied = await captured('k8s-deny-ingress-legacy');
  withoutProfile = await captured('profile-missing-rbac-legacy');
});

test('a policy: the other pods that it selects, by their labels and namespace', async () => {
  const found = await affected(denied);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ pods: ['default/web-2', 'default/web-3'], unknown: 0 });
  expect(affectedNote({ status: 'observed', value: found, evidence: [] })).toEqual([
    `Policy ${found[0]?.element.slice('policy '.length)} also applies to 2 other pods: default/web-2, default/web-3.`,
  ]);
});

test('a profile: the other pods of its namespace', async () => {
  expect(await affected(withoutProfile)).toContainEqual({
    element: 'profile kns.default',
    pods: ['default/web-2', 'default/web-3'],
    unknown: 0,
  });
});

test('a policy that selects by labels of namespaces which were not read: the number of pods is said', async () => {
  const objects = valueOf(denied, 'policy-objects');
  const ingress = objects.ingress && {
    ...objects.ingress,
    policies: objects.ingress.policies.map(({ spec: { selector, ...spec }, ...policy }) => ({
      ...policy,
      spec: { ...spec, selector: `${selector} && pcns.team == 'a'` },
    })),
  };
  const found = await affected(changed(denied, { 'policy-objects': { ...objects, ingress } }));
  expect(found).toMatchObject([{ pods: [], unknown: 2 }]);
  expect(affectedNote({ status: 'observed', value: found, evidence: [] })).toEqual([]);
});

test.each([
  [1, 0, 'Policy a/b also applies to 1 other pod: n/p0.'],
  [5, 2, 'Policy a/b also applies to 5 other pods: n/p0, n/p1, n/p2 and 2 more. Of 2 more pods this is not known.'],
])('%d pods and %d unknown, in words', (count, unknown, words) => {
  const value = [{ element: 'policy a/b', pods: Array.from({ length: count }, (_, at) => `n/p${at}`), unknown }];
  expect(affectedNote({ status: 'observed', value, evidence: [] })).toEqual([words]);
});
