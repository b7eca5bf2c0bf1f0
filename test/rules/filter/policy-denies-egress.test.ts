import { expect, test } from '@jest/globals';
import { policyDeniesEgress as rule } from '../../../src/rules/filter/policy-denies-egress.ts';
import { policyDeniesIngress } from '../../../src/rules/filter/policy-denies-ingress.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  failing,
  judged,
  leg,
  undecided,
  valueOf,
  withWalk,
} from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const policy = (name: string) => ({ kind: null, name, namespace: 'default', tier: 'default' });
const healthy = failing(await captured('healthy-nft'));
const denied = withWalk(
  healthy,
  droppedBy(leg(healthy, 'source-egress'), {
    kind: 'policy',
    name: 'no-way-out',
    namespace: 'default',
    direction: 'egress',
  }),
);

const decided = (decision: 'allow' | 'deny' | 'unknown') =>
  changed(withWalk(healthy, undecided(leg(healthy, 'source-egress'))), {
    'datastore-decisions': [
      {
        leg: 'source-egress',
        node: 'n2',
        direction: 'egress',
        decision,
        by: 'policy default/web',
        policies: ['default/web'],
      },
    ],
  });

testRule(rule, {
  lab: 'egress-deny',
  rows: [
    [
      'fails by the datastore where the packet filters do not tell',
      () => decided('deny'),
      ['byDatastore Policy default/web @n2 inferred stops'],
    ],
    ['passes by the datastore where the packet filters do not tell', () => decided('allow'), 'pass'],
    ['inconclusive where neither tells', () => decided('unknown'), 'inconclusive'],
    [
      "fails for the source's policy on the source's node",
      () => denied,
      ['denies Policy default/no-way-out @n2 inferred stops'],
    ],
    [
      'fails at the end of a tier',
      () =>
        withWalk(
          healthy,
          droppedBy(leg(healthy, 'source-egress'), {
            kind: 'tier-default',
            name: 'default',
            tier: 'default',
            direction: 'egress',
            policies: [{ kind: null, name: 'out', namespace: 'default', tier: 'default' }],
          }),
        ),
      ['selects Policy default/out @n2 inferred stops'],
    ],
    [
      'fails for all policies of the tier that ends without an allow',
      () => {
        const walk = droppedBy(leg(healthy, 'source-egress'), {
          kind: 'tier-default',
          name: 'cali1',
          direction: 'egress',
          tier: 'default',
          policies: [policy('a'), policy('b')],
        });
        return withWalk(healthy, walk);
      },
      ['selects Policy default/a @n2 inferred stops'],
    ],
    ['passes where nothing denies', () => healthy, 'pass'],
    [
      'a blind source node is no pass',
      () => {
        const walks = valueOf(healthy, 'walks').filter(({ node }) => node === 'n1');
        return changed(healthy, { walks });
      },
      'inconclusive',
    ],
    [
      "an open end on the source's node is no pass (1)",
      () => withWalk(healthy, undecided(leg(healthy, 'source-egress'))),
      'inconclusive',
    ],
    ["an open end on the source's node is no pass (2)", () => blind(healthy, ['walks']), 'inconclusive'],
    ['does not apply without a flow', () => blind(healthy, ['flow'], 'not-applicable'), 'not-applicable'],
  ],
});

test('what denies on egress does not deny on ingress', async () => {
  expect(await judged(policyDeniesIngress, denied)).toBe('pass');
});
