import type { LeftOver } from '../../../src/model/left-over-rules.ts';
import type { Leg } from '../../../src/model/flow-walk.ts';
import { iptablesBackendSplit as rule } from '../../../src/rules/filter/iptables-backend-split.ts';
import { blind, captured, changed, droppedBy, failing, leg, undecided, withWalk } from '../../support/facts.ts';
import { installed } from '../../support/installs.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const healthy = failing(await captured('healthy-nft'));
const known: LeftOver = { backend: 'iptables-legacy', inUse: 'iptables-nft', sign: "Felix's log says so" };

/** The packet of the leg ends at Calico's rule for interfaces that it does not know, in the other backend. */
function left(where: Leg, leftOver: LeftOver = known) {
  const rule = { backend: leftOver.backend, chain: 'cali-to-wl-dispatch', index: 2, comments: ['Unknown interface'] };
  const walk = droppedBy(leg(healthy, where), { kind: 'dispatch', name: 'cali-to-wl-dispatch' }, rule);
  return withWalk(healthy, { ...walk, leftOver });
}

testRule(rule, {
  lab: 'iptables-backend-split',
  rows: [
    ...(['source-egress', 'target-ingress', 'reply-target-egress', 'reply-source-ingress'] as const).map(
      (where): RuleRow => [
        `fails where rules that were left end the packet or its answer: ${where}`,
        () => left(where),
        [`drops Node ${leg(healthy, where).node} @${leg(healthy, where).node} inferred stops`],
      ],
    ),
    [
      'tells how to remove the rules and to keep those of others',
      () => changed(left('target-ingress'), { install: installed('operator') }),
      [
        {
          finding: 'drops Node n1 @n1 inferred stops',
          data: {
            inUse: 'iptables-nft',
            sign: "Felix's log says so",
            keep: 'iptables-legacy-save > /root/iptables-legacy.rules',
            remove: "grep -vE 'cali-|cali:' /root/iptables-legacy.rules | iptables-legacy-restore",
            calicoNamespace: 'calico-system',
          },
        },
      ],
    ],
    [
      'fails where a table of nftables was left',
      () => left('target-ingress', { backend: 'nftables', inUse: 'iptables-nft', sign: 'x' }),
      [{ finding: 'drops Node n1 @n1 inferred stops', data: { remove: 'nft delete table ip calico' } }],
    ],
    [
      'is inconclusive where nobody knows which of them Felix programs',
      () => left('target-ingress', { ...known, inUse: null, sign: '' }),
      'inconclusive',
    ],
    [
      'passes: nothing drops, or the rules of the Felix that runs do',
      () => captured('k8s-deny-ingress-legacy'),
      'pass',
    ],
    ['passes: nothing drops', () => healthy, 'pass'],
    ['an open end is no pass', () => withWalk(healthy, undecided(leg(healthy, 'target-ingress'))), 'inconclusive'],
    ['inconclusive: nothing was walked', () => blind(healthy, ['walks']), 'inconclusive'],
    ['does not apply without a flow', () => blind(healthy, ['flow'], 'not-applicable'), 'not-applicable'],
  ],
});
