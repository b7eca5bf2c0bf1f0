import type { RuleRef } from '../../../src/model/ruleset/walk.ts';
import type { Leg } from '../../../src/model/flow-walk.ts';
import { flowNotTracked as rule } from '../../../src/rules/filter/flow-not-tracked.ts';
import { blind, captured, droppedBy, failing, leg, undecided, withWalk, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const healthy = failing(await captured('healthy-legacy'));
const notrack: RuleRef = {
  backend: 'iptables-legacy',
  family: 'ip',
  table: 'raw',
  chain: 'PREROUTING',
  index: 2,
  text: '-A PREROUTING -p tcp -m tcp --sport 8080 -j CT --notrack',
  comments: [],
  tag: null,
};
const native: RuleRef = {
  ...notrack,
  backend: 'nftables',
  table: 'fw',
  chain: 'early',
  text: 'tcp dport 8080 notrack',
};

/** The packet of the leg ends at the end of a tier, which it would not if it were tracked. */
function untracked(where: Leg, by = notrack, decisionIfTracked: 'accept' | 'drop' = 'accept', facts: Facts = healthy) {
  const walk = droppedBy(leg(facts, where), { kind: 'tier-default', name: 'default', direction: 'egress' });
  return withWalk(facts, { ...walk, notTracked: { rule: by, decisionIfTracked } });
}

testRule(rule, {
  lab: 'flow-not-tracked',
  rows: [
    ...(['source-egress', 'target-ingress', 'reply-target-egress', 'reply-source-ingress'] as const).map(
      (where): RuleRow => [
        `fails where the packet or its answer ends for it: ${where}`,
        () => untracked(where),
        [`drops Rule raw PREROUTING 2 @${leg(healthy, where).node} inferred stops`],
      ],
    ),
    [
      'fails for a rule that nft wrote, and shows how to list it',
      () => untracked('reply-target-egress', native),
      [
        {
          finding: 'drops Rule fw early 2 @n1 inferred stops',
          data: { show: 'nft -a list chain ip fw early   # narrow or remove the rule, in both directions' },
        },
      ],
    ],
    [
      'inconclusive where another rule may take the packet that is answered',
      () => withWalk(untracked('reply-target-egress'), undecided(leg(healthy, 'target-ingress'))),
      'inconclusive',
    ],
    ['passes where the tracked packet would end there too', () => untracked('target-ingress', notrack, 'drop'), 'pass'],
    ['passes: nothing drops', () => healthy, 'pass'],
    ['an open end is no pass', () => withWalk(healthy, undecided(leg(healthy, 'reply-target-egress'))), 'inconclusive'],
    ['inconclusive: nothing was walked', () => blind(healthy, ['walks']), 'inconclusive'],
    ['does not apply without a flow', () => blind(healthy, ['flow'], 'not-applicable'), 'not-applicable'],
  ],
});
