import { foreignRuleDrops as rule } from '../../../src/rules/filter/foreign-rule-drops.ts';
import type { FlowPort } from '../../../src/model/target.ts';
import { allLegs } from '../../../src/model/flow-walk.ts';
import {
  blind,
  captured,
  droppedBy,
  failing,
  leg,
  undecided,
  valueOf,
  withWalk,
  changed,
} from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const healthy = failing(await captured('healthy-legacy'));

const toPod = leg(healthy, 'target-ingress');
const largeDrop = droppedBy(
  { ...toPod, packet: { ...toPod.packet, length: 1480 } },
  { kind: 'foreign', name: 'FORWARD', direction: null },
  { chain: 'FORWARD', index: 2, text: '-A FORWARD -m length --length 1300:65535 -j DROP' },
);

const opens = { flow: 'fails', judgedPort: 'works', answeredPart: 'handshake' } as const;
const asking = (port: FlowPort) =>
  changed(healthy, { flow: { ...valueOf(healthy, 'flow'), port }, 'large-drops': [largeDrop] });

testRule(rule, {
  lab: 'foreign-drop',
  rows: [
    ...(['source-outer', 'target-outer', 'reply-target-egress', 'reply-source-ingress'] as const).map(
      (where): RuleRow => [
        `fails at any hook, inner or outer: ${where}`,
        () =>
          withWalk(
            healthy,
            droppedBy(
              leg(healthy, where),
              { kind: 'foreign', name: 'OUTPUT', direction: null },
              { chain: 'OUTPUT', index: 2 },
            ),
          ),
        [`drops Rule filter OUTPUT 2 @${leg(healthy, where).node} inferred stops`],
      ],
    ),
    [
      'fails: a rule hands the packet to a program that does not listen',
      () => {
        const walk = droppedBy(
          leg(healthy, 'target-ingress'),
          { kind: 'foreign', name: 'FORWARD', direction: null },
          { chain: 'FORWARD', index: 1, text: '-A FORWARD -j NFQUEUE --queue-num 7' },
        );
        return withWalk(healthy, { ...walk, result: { ...walk.result, unheard: true } });
      },
      ['unheard Rule filter FORWARD 1 @n1 inferred stops'],
    ],
    [
      'fails: a rule leaves nothing of the time to live',
      () => {
        const walk = droppedBy(
          leg(healthy, 'source-egress'),
          { kind: 'foreign', name: 'PREROUTING', direction: null },
          { table: 'mangle', chain: 'PREROUTING', index: 1, text: '-A PREROUTING -j TTL --ttl-set 1' },
        );
        return withWalk(healthy, { ...walk, result: { ...walk.result, expired: true } });
      },
      [{ finding: 'expires Rule mangle PREROUTING 1 @n2 inferred stops', data: { on: 'n2' } }],
    ],
    [
      'fails: a rule leaves nothing of the time to live for the other node',
      () => {
        const walk = droppedBy(
          leg(healthy, 'source-egress'),
          { kind: 'foreign', name: 'POSTROUTING', direction: null },
          { table: 'mangle', chain: 'POSTROUTING', index: 1, text: '-A POSTROUTING -j TTL --ttl-set 1' },
        );
        return withWalk(healthy, { ...walk, expiresOn: 'n1', result: { ...walk.result, expired: true } });
      },
      [{ finding: 'expires Rule mangle POSTROUTING 1 @n2 inferred stops', data: { on: 'n1', node: 'n2' } }],
    ],
    [
      "fails: a drop before Calico's chains in FORWARD, as captured",
      () => captured('foreign-forward-drop-nft'),
      [{ finding: 'drops Rule filter FORWARD 1 @n1 inferred stops', lacks: ['way:n1/target-ingress'] }],
    ],
    [
      'fails at any hook, inner or outer: the policy of a chain',
      () => {
        const walk = droppedBy(
          leg(healthy, 'target-outer'),
          { kind: 'foreign', name: 'INPUT', direction: null },
          { chain: 'INPUT', index: 0 },
        );
        return withWalk(healthy, walk);
      },
      ['drops Rule filter INPUT 0 @n1 inferred stops'],
    ],
    [
      'fails at any hook, inner or outer: a native nft chain',
      () => {
        const walk = droppedBy(
          leg(healthy, 'target-ingress'),
          { kind: 'foreign', name: 'forward', direction: null },
          { backend: 'nftables', family: 'inet', table: 'firewalld', chain: 'filter_FORWARD', index: 7 },
        );
        return withWalk(healthy, walk);
      },
      ['drops Rule firewalld filter_FORWARD 7 @n1 inferred stops'],
    ],
    [
      'fails at any hook, inner or outer: one rule that ends the packet and its answer is one finding',
      () => {
        const chain = { chain: 'FORWARD', index: 1 };
        const owner = { kind: 'foreign' as const, name: 'FORWARD', direction: null };
        return withWalk(
          withWalk(healthy, droppedBy(leg(healthy, 'target-ingress'), owner, chain)),
          droppedBy(leg(healthy, 'reply-target-egress'), owner, chain),
        );
      },
      ['drops Rule filter FORWARD 1 @n1 inferred stops'],
    ],
    [
      'fails: large packets end at a rule that small ones pass',
      () => asking({ protocol: 'tcp', number: 8080 }),
      [
        {
          finding: 'large Rule filter FORWARD 2 @n1 inferred stops',
          data: { bytes: '1480', text: '-A FORWARD -m length --length 1300:65535 -j DROP' },
        },
      ],
    ],
    [
      'fails: what follows a handshake ends at a rule that lets the handshake pass',
      () => changed(asking({ protocol: 'tcp', number: 8080 }), { 'data-drops': [largeDrop], 'flow-outcome': opens }),
      ['behindHandshake Rule filter FORWARD 2 @n1 inferred stops'],
    ],
    [
      'tells it as another fault where no connection opens',
      () => changed(asking({ protocol: 'tcp', number: 8080 }), { 'data-drops': [largeDrop] }),
      ['behindOthers Rule filter FORWARD 2 @n1 inferred'],
    ],
    [
      'tells it beside a rule that ends the handshake',
      () => {
        const owner = { kind: 'foreign', name: 'INPUT', direction: null } as const;
        const first = droppedBy(leg(healthy, 'target-outer'), owner, { chain: 'INPUT', index: 1 });
        return changed(withWalk(healthy, first), { 'data-drops': [largeDrop] });
      },
      ['drops Rule filter INPUT 1 @n1 inferred stops', 'behindOthers Rule filter FORWARD 2 @n1 inferred'],
    ],
    ...(['udp', 'icmp'] as const).map((protocol): RuleRow => [
      `fails: large packets of ${protocol} end at a rule, and no connection hangs`,
      () => asking(protocol === 'udp' ? { protocol, number: 53 } : { protocol }),
      ['largeAlone Rule filter FORWARD 2 @n1 inferred stops'],
    ]),
    [
      'fails: where small packets are dropped, too, that is told first',
      () => {
        const owner = { kind: 'foreign', name: 'INPUT', direction: null } as const;
        const small = droppedBy(leg(healthy, 'target-outer'), owner, { chain: 'INPUT', index: 1 });
        return changed(withWalk(healthy, small), { 'large-drops': [largeDrop] });
      },
      ['drops Rule filter INPUT 1 @n1 inferred stops'],
    ],
    ["passes: nothing drops, or something of Calico's does (1)", () => healthy, 'pass'],
    [
      "passes: nothing drops, or something of Calico's does (2)",
      () => captured('profile-missing-rbac-nftables'),
      'pass',
    ],
    ...allLegs
      .filter((one) => !one.endsWith('same-node'))
      .map((where): RuleRow => [
        `an open end of ${where} is no pass`,
        () => withWalk(healthy, undecided(leg(healthy, where))),
        'inconclusive',
      ]),
    [
      'what could not be walked is no pass (1)',
      () => changed(healthy, { walks: valueOf(healthy, 'walks').filter(({ node }) => node === 'n1') }),
      'inconclusive',
    ],
    ['what could not be walked is no pass (2)', () => blind(healthy, ['walks']), 'inconclusive'],
    [
      'a part of the packet filter that no walk reads is no pass, where the flow does not work',
      () => {
        const walk = leg(healthy, 'target-outer');
        return withWalk(healthy, {
          ...walk,
          result: {
            ...walk.result,
            uncertainties: [
              { rule: 'bridge b f', why: 'chains of the bridge family at forward are not walked', unwalked: true },
            ],
          },
        });
      },
      'inconclusive',
    ],
    ['does not apply without a flow', () => blind(healthy, ['flow'], 'not-applicable'), 'not-applicable'],
  ],
});
