/** What each fix asks a person to approve, word for word, as `fix show` prints it. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { planText } from '../../src/cli/plan-text.ts';
import { digestOf } from '../../src/fixes/digest.ts';
import { profileObject } from '../../src/fixes/kit/profile-object.ts';
import { fixes } from '../../src/fixes/registry.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { proposed } from '../support/signing.ts';

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

test('every fix has an example', () => {
  expect(new Set(examples.map(({ fix }) => fix))).toEqual(new Set(fixes.map(({ id }) => id)));
});

test.each(examples)('$golden', ({ golden, fix: id, input, found }) => {
  const fix = fixes.find((candidate) => candidate.id === id)!;
  const { withinSeconds, ...draft } = fix.draft(fix.input.parse(input), found);
  const unwatched = 'no policy-denied flow was found to watch: n1: no answer';
  const controls = fix.controls.map((control) => ({
    ...control,
    notWatched: control.fact === 'denied-flow' ? unwatched : null,
  }));
  const plan = {
    ...samplePlan(),
    ...draft,
    fix: id,
    rule: 'the-rule',
    verify: { rule: 'the-rule', withinSeconds },
    controls,
  };
  expect(planText(proposed({ ...plan, digest: digestOf(plan) }))).toBe(
    readFileSync(`${import.meta.dirname}/golden/${golden}.txt`, 'utf8'),
  );
});
