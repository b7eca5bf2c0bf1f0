import { expect, test } from '@jest/globals';
import type { RewrittenSource } from '../../../src/model/flow-walk.ts';
import type { Owner } from '../../../src/model/ruleset/owner.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { explain } from '../../../src/engine/explain.ts';
import { policyDeniesIngress } from '../../../src/rules/filter/policy-denies-ingress.ts';
import { sourceAddressRewritten as rule } from '../../../src/rules/filter/source-address-rewritten.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  evaluated,
  failing,
  leg,
  valueOf,
  withWalk,
} from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const masqueraded: RewrittenSource = {
  asked: '10.244.2.7',
  now: '10.244.2.0',
  by: 'nat POSTROUTING: -A POSTROUTING -j MASQUERADE',
  decisionAsAsked: 'accept',
};
const tierEnd = {
  kind: 'tier-default',
  name: 'default',
  tier: 'default',
  policies: [{ kind: null, name: 'from-client', namespace: 'default', tier: 'default' }],
} as const;
const healthy = failing(await captured('healthy-legacy'));
const arriving = (rewritten: RewrittenSource | null, owner: (Partial<Owner> & Pick<Owner, 'kind' | 'name'>) | null) => {
  const ingress = { ...leg(healthy, 'target-ingress'), rewritten };
  return withWalk(healthy, owner ? { ...droppedBy(ingress, owner), rewritten } : ingress);
};

const found = `refused Rule ${masqueraded.by} @n2 inferred stops`;

testRule(rule, {
  lab: 'source-rewritten',
  rows: [
    [
      'fails: no policy of the tier admits the new address, and one admits the asked one',
      () => arriving(masqueraded, tierEnd),
      [{ finding: found, withholds: ['sourceAddress:n1'] }],
    ],
    [
      'fails: a policy denies the new address; by what rule it was given may not be known (1)',
      () => arriving(masqueraded, { kind: 'policy', name: 'no-nodes' }),
      [found],
    ],
    [
      'fails: a policy denies the new address; by what rule it was given may not be known (2)',
      () => arriving({ ...masqueraded, by: null }, tierEnd),
      ['refused Rule source of 10.244.2.7 @n2 inferred stops'],
    ],
    [
      "fails for Calico's own masquerading in nftables mode, and shows it there",
      () => arriving({ ...masqueraded, by: 'calico nat-cali-nat-outgoing: ip saddr @x masquerade' }, tierEnd),
      [
        {
          finding: 'refused Rule calico nat-cali-nat-outgoing: ip saddr @x masquerade @n2 inferred stops',
          data: { show: 'nft list table ip calico | grep -E "masquerade|snat"' },
        },
      ],
    ],
    ['passes: kept, or rewritten and not refused for that (1)', () => healthy, 'pass'],
    ['passes: kept, or rewritten and not refused for that (2)', () => arriving(null, tierEnd), 'pass'],
    ['passes: kept, or rewritten and not refused for that (3)', () => arriving(masqueraded, null), 'pass'],
    [
      'passes: kept, or rewritten and not refused for that (4)',
      () => arriving({ ...masqueraded, decisionAsAsked: 'drop' }, tierEnd),
      'pass',
    ],
    [
      'passes: kept, or rewritten and not refused for that (5)',
      () => arriving({ ...masqueraded, decisionAsAsked: 'unknown' }, tierEnd),
      'pass',
    ],
    [
      'passes: kept, or rewritten and not refused for that (6)',
      () => arriving(masqueraded, { kind: 'foreign', name: 'FORWARD', direction: null }),
      'pass',
    ],
    [
      "a source's node that could not be walked is no pass (1)",
      () => changed(healthy, { walks: valueOf(healthy, 'walks').filter(({ node }) => node === 'n1') }),
      'inconclusive',
    ],
    ["a source's node that could not be walked is no pass (2)", () => blind(healthy, ['walks']), 'inconclusive'],
    [
      "does not apply within one node, from outside, or to what never leaves the source's node (1)",
      () => {
        const flow = valueOf(healthy, 'flow');
        return changed(healthy, { flow: { ...flow, source: { ...flow.source, node: 'n1' } } });
      },
      'not-applicable',
    ],
    [
      "does not apply within one node, from outside, or to what never leaves the source's node (2)",
      () => {
        const flow = valueOf(healthy, 'flow');
        return changed(healthy, { flow: { ...flow, source: { ...flow.source, node: null } } });
      },
      'not-applicable',
    ],
    [
      "does not apply within one node, from outside, or to what never leaves the source's node (3)",
      () => withWalk(healthy, droppedBy(leg(healthy, 'source-egress'), { kind: 'foreign', name: 'FORWARD' })),
      'not-applicable',
    ],
  ],
});

test('explains the denial of the policy', async () => {
  const facts = arriving(masqueraded, tierEnd);
  const findings = await Promise.all(
    [policyDeniesIngress, rule].map(async (one) =>
      findingsOf(await evaluated(one, facts)).map((finding) => ({ rule: one, finding })),
    ),
  );
  expect(explain(findings.flat()).map(({ rule: { id }, cause }) => [id, cause?.rule.id ?? null])).toEqual([
    ['policy-denies-ingress', rule.id],
    [rule.id, null],
  ]);
});
