/** What each fix asks a person to approve, word for word, as `fix show` prints it. A fix's own test may show it, too. */
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { profileObject } from '../../src/fixes/kit/profile-object.ts';
import { fixes } from '../../src/fixes/registry.ts';
import { goldenFile, goldenText, planTextOf } from './golden-plan.ts';

const namespace = { kind: 'namespace' } as const;
const account = { kind: 'account', account: 'web' } as const;
const pod = {
  namespace: 'shop',
  pod: 'cart',
  workloadEndpoint: 'n1-k8s-cart-eth0',
  node: 'n1',
  nodeAddress: '10.0.0.9',
};
const missing = ['list', 'watch'].map((verb) => ({ group: '', resource: 'namespaces', verb }));

/** Of each fix: what it is asked with, and what its look found. */
const examples: readonly {
  readonly golden: string;
  readonly fix: string;
  readonly input: object;
  readonly found: unknown;
}[] = [
  {
    golden: 'create-pod-profile',
    fix: 'create-pod-profile',
    input: { ...pod, profile: 'kns.shop' },
    found: {
      object: profileObject('kns.shop', 'shop', namespace, { team: 'blue' }),
      namespace: 'shop',
      owner: namespace,
    },
  },
  {
    golden: 'create-pod-profile-of-an-account',
    fix: 'create-pod-profile',
    input: { ...pod, profile: 'ksa.shop.web' },
    found: { object: profileObject('ksa.shop.web', 'shop', account, {}), namespace: 'shop', owner: account },
  },
  {
    golden: 'grant-controller-rbac',
    fix: 'grant-controller-rbac',
    input: { accountNamespace: 'kube-system', accountName: 'calico-kube-controllers', missing },
    found: { subject: { namespace: 'kube-system', name: 'calico-kube-controllers' }, uid: 'u', resourceVersion: '7' },
  },
];

test('every fix is shown', () => {
  expect(fixes.map(({ id }) => id).filter((id) => !existsSync(goldenFile(id)))).toEqual([]);
});

test.each(fixes)('$id takes no less than its slowest command that writes', ({ commands, during }) => {
  const slowest = Math.max(0, ...commands.map(({ writes, timeoutSeconds }) => (writes ? timeoutSeconds : 0)));
  expect(during.seconds).toBeGreaterThanOrEqual(slowest);
});

test.each(examples)('$golden', ({ golden, fix: id, input, found }) => {
  expect(
    planTextOf(
      fixes.find((fix) => fix.id === id)!,
      input,
      found,
    ),
  ).toBe(goldenText(golden));
});
