import type { FactKey, FactValue } from '../../../src/model/facts.ts';
import type { Route } from '../../../src/model/network.ts';
import { routingRuleDiverts as rule } from '../../../src/rules/routes/routing-rule-diverts.ts';
import { blind, captured, changed, failing, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { lost, policy, rerouted } from '../../support/ways.ts';

const healthy = await captured('healthy-legacy');
const facts = rerouted(lost(healthy));
const { source, destination } = valueOf(facts, 'flow');
const [there, back] = [destination.address, source.address];
type Changes = { readonly [K in FactKey]?: FactValue<K> };
type Tables = Readonly<Record<string, readonly Partial<Route>[]>>;
const at = (place: 'target' | 'source', rules: readonly string[], tables: Tables = {}, more: Changes = {}) =>
  rerouted(facts, { [`routing@${place}`]: policy(rules, tables), ...more });
const vpn: Tables = { 52: [{ device: 'vpn0' }, { destination: '10.250.0.0/24', type: 'throw' }] };
const all = '5270:	from all lookup 52';
const vrfs = '1000:	from all lookup [l3mdev-table]';
const atTarget = `diverts Rule ip rule 5270 @n1 read stops`;

/** The kernel of the node refuses the packets of the flow there, for their way back. */
const refusedAt = (name: string, of: Facts) =>
  changed(of, {
    'kernel-ways': valueOf(of, 'kernel-ways').map((way) =>
      way.node === name && way.inInterface !== null
        ? {
            ...way,
            answer: { kind: 'refused' as const, error: 'cross-device' as const, words: 'Invalid cross-device link' },
          }
        : way,
    ),
  });

const usual = policy(['100:	from 10.250.0.11 lookup main']);
const withoutMain = { ...usual, rules: usual.rules.filter(({ priority }) => priority !== 32_766) };

testRule(rule, {
  lab: 'routing-rule-diverts',
  rows: [
    [
      "fails: a VPN's table takes what comes in for the pod, and the reply, on the pod's node",
      () => at('target', [all], vpn),
      [
        {
          finding: atTarget,
          data: {
            priority: '5270',
            table: '52',
            device: 'vpn0',
            address: there,
            taken: '0.0.0.0/0 dev vpn0',
            network: valueOf(facts, 'pools')[0]?.spec.cidr ?? '',
            before: '5269',
          },
          withholds: [
            'way:n1/target-ingress',
            'way:n1/reply-target-egress',
            `returnRoute:n1/${there}`,
            `returnRoute:n1/${back}`,
          ],
        },
      ],
    ],
    [
      'fails: its table sends what comes in for the pod back to the node that sent it',
      () =>
        at('target', [`88:	from all to ${there} lookup 88`], {
          88: [{ device: 'tunl0', gateway: source.nodeAddress }],
        }),
      [
        {
          finding: 'diverts Rule ip rule 88 @n1 read stops',
          data: {
            loop: ' n2 sends them here again by "10.244.1.0/26 via 10.250.0.11 dev tunl0 proto bird", so they go round.',
          },
        },
      ],
    ],
    [
      'fails: somebody removed the rule that leads to the main table, and left one for the node itself',
      () => at('target', [], {}, { 'routing@target': withoutMain }),
      [
        {
          finding: 'unled Rule ip rule @n1 read stops',
          data: { words: 'Network is unreachable' },
          withholds: [
            'way:n1/target-ingress',
            'way:n1/reply-target-egress',
            `returnRoute:n1/${there}`,
            `returnRoute:n1/${back}`,
          ],
        },
      ],
    ],
    [
      "fails: on the source's node, the tunnel packet too where no exception is",
      () => at('source', [all], { 52: [{ device: 'vpn0' }] }),
      [
        {
          finding: 'diverts Rule ip rule 5270 @n2 read stops',
          withholds: [
            'way:n2/source-egress',
            'way:n2/reply-source-ingress',
            `returnRoute:n2/${there}`,
            `returnRoute:n2/${back}`,
          ],
        },
      ],
    ],
    [
      'fails: the tunnel packet alone, by a rule for the other node',
      () => at('source', [`90:	from all to ${destination.nodeAddress} lookup 52`], { 52: [{ device: 'vpn0' }] }),
      [
        {
          finding: 'diverts Rule ip rule 90 @n2 read stops',
          data: { packet: `the tunnel packet to node n1 (${destination.nodeAddress})` },
          withholds: ['way:n2/source-outer', 'returnRoute:n2/10.250.0.11'],
        },
      ],
    ],
    [
      'fails: the reply alone, by a rule for what the pod sends',
      () => at('target', [`200:	from ${there} lookup 77`], { 77: [{ destination: '10.244.0.0/16', device: 'vpn0' }] }),
      [
        {
          finding: 'diverts Rule ip rule 200 @n1 read stops',
          data: { packet: `the reply to default/client (${back})` },
        },
      ],
    ],
    ...(['blackhole', 'unreachable', 'prohibit'] as const).map((action): RuleRow => [
      `fails: the rule itself is ${action}`,
      () => at('target', [`100:	from all iif tunl0 ${action}`]),
      [
        {
          finding: 'drops Rule ip rule 100 @n1 read stops',
          data: { taken: action, selector: `from all iif tunl0 ${action}` },
        },
      ],
    ]),
    [
      "fails: the rule's table ends the packet",
      () => at('source', ['100:	from all lookup 78'], { 78: [{ destination: '10.244.0.0/16', type: 'unreachable' }] }),
      [{ finding: 'drops Rule ip rule 100 @n2 read stops', data: { taken: 'unreachable 10.244.0.0/16', table: '78' } }],
    ],
    [
      'fails: a rule by the port that was asked about',
      () => {
        const flow = { ...valueOf(facts, 'flow'), port: { protocol: 'tcp' as const, number: 8080 } };
        return at('target', ['90:	from all ipproto tcp dport 8080 lookup 52'], vpn, { flow });
      },
      ['diverts Rule ip rule 90 @n1 read stops'],
    ],
    [
      'fails: a rule by the port that was asked about, though pings were seen on the other node',
      () => {
        const flow = { ...valueOf(facts, 'flow'), port: { protocol: 'tcp' as const, number: 8080 } };
        const { encapsulation, places } = valueOf(facts, 'path-capture');
        const seen = places.map((place) => (place.hop === 'source-card' ? { ...place, replies: ['b'] } : place));
        const table: Tables = { 77: [{ type: 'blackhole' }] };
        return changed(at('target', ['40:	from all ipproto tcp sport 8080 lookup 77'], table, { flow }), {
          'path-capture': { encapsulation, places: seen },
        });
      },
      ['drops Rule ip rule 40 @n1 read stops'],
    ],
    [
      'fails: a rule by a mark that packets of the port may have, though pings were seen on the other node',
      () => {
        const { encapsulation, places } = valueOf(facts, 'path-capture');
        const seen = places.map((place) => (place.hop === 'source-card' ? { ...place, replies: ['b'] } : place));
        const rules = { 'routing@target': policy(['40:	from all fwmark 0x200/0x200 lookup 52'], vpn) };
        return changed(rerouted(facts, rules, { 'reply-target-egress': 0x200 }), {
          'path-capture': { encapsulation, places: seen },
        });
      },
      ['diverts Rule ip rule 40 @n1 read stops'],
    ],
    [
      'fails: the rule is one of several, and the table tells which',
      () => {
        const changes = at('target', [all], vpn);
        // What was read of the rules does not say whether this one takes the packet.
        return changed(changes, {
          'routing@target': policy(['89:	from all tun_id 7 lookup 53', all], vpn),
        });
      },
      [{ finding: atTarget, data: { taken: 'dev vpn0 table 52' } }],
    ],
    [
      'fails, and stops nothing: the reverse path filter refuses what the rule would lead away',
      () => refusedAt('n1', at('target', [all], vpn)),
      [
        {
          finding: 'diverts Rule ip rule 5270 @n1 read',
          data: {
            device: 'vpn0',
            table: '52',
            taken: '0.0.0.0/0 dev vpn0',
            refused: ' The kernel does not take the packet: it says "Invalid cross-device link".',
          },
          withholds: [
            'way:n1/target-ingress',
            'way:n1/reply-target-egress',
            `returnRoute:n1/${there}`,
            `returnRoute:n1/${back}`,
          ],
        },
      ],
    ],
    [
      'passes: the kernel refuses a packet that no rule leads away',
      () => refusedAt('n1', at('target', ['90:	from 10.99.0.0/16 lookup 52'], vpn)),
      'pass',
    ],
    [
      'fails: two rules lead into the table, and neither is named',
      () =>
        changed(at('target', [all], vpn), { 'routing@target': policy(['8:	from all dport 1 lookup 52', all], vpn) }),
      [{ finding: 'diverts Rule ip rule ? @n1 read stops', data: { selector: 'lookup 52' } }],
    ],
    [
      'fails: the pool is not known, and the exception is for the route',
      () => blind(at('target', [all], vpn), ['pools']),
      [{ finding: atTarget, data: { network: `${there}/32` } }],
    ],
    [
      'fails: the tunnel device is part of a VRF, whose table leads elsewhere',
      () =>
        at('target', [vrfs], vpn, {
          'links@target': valueOf(facts, 'links@target').map((link) =>
            link.name === 'tunl0' ? { ...link, vrfTable: '52' } : link,
          ),
        }),
      [{ finding: 'diverts Rule ip rule 1000 @n1 read stops', data: { table: '52', taken: '0.0.0.0/0 dev vpn0' } }],
    ],
    ['passes: no rule diverts a packet', () => facts, 'pass'],
    [
      'passes: the flow works despite the rule',
      () => changed(at('target', [all], vpn), { reachability: valueOf(healthy, 'reachability') }),
      'pass',
    ],
    [
      'passes: the packets were seen on the other node',
      () => {
        const { encapsulation, places } = valueOf(facts, 'path-capture');
        const seen = places.map((place) =>
          place.hop === 'target-card' ? { ...place, requests: ['a'] } : { ...place, replies: ['b'] },
        );
        return changed(at('source', [`90:	from ${back} to ${there} lookup 52`], vpn), {
          'path-capture': { encapsulation, places: seen },
        });
      },
      'pass',
    ],
    [
      'passes: the reply was seen on the other node',
      () => {
        const { encapsulation, places } = valueOf(facts, 'path-capture');
        const seen = places.map((place) => (place.hop === 'source-card' ? { ...place, replies: ['b'] } : place));
        return changed(at('target', [`90:	from ${there} lookup 52`], vpn), {
          'path-capture': { encapsulation, places: seen },
        });
      },
      'pass',
    ],
    [
      'inconclusive: the kernel did not answer',
      () =>
        changed(facts, {
          'kernel-ways': valueOf(facts, 'kernel-ways').map((way) => ({
            ...way,
            answer: { kind: 'unavailable' as const, code: 'timeout' as const, reason: 'no answer' },
          })),
        }),
      'inconclusive',
    ],
    [
      'inconclusive: which mark the packet has is not certain',
      () =>
        changed(at('target', [all], vpn), {
          'kernel-ways': valueOf(at('target', [all], vpn), 'kernel-ways').map((way) => ({ ...way, doubt: 'marks' })),
        }),
      'inconclusive',
    ],
    ['inconclusive: the other node could not be asked', () => rerouted(blind(facts, ['links@source'])), 'inconclusive'],
    ['inconclusive: no kernel was asked', () => blind(facts, ['kernel-ways']), 'inconclusive'],
    [
      'does not apply without a flow',
      () => blind(failing(healthy), ['flow', 'kernel-ways'], 'not-applicable'),
      'not-applicable',
    ],
  ],
});
