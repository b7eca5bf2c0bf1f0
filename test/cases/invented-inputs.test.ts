/**
 * Inputs of kinds that people have reported, made from captures of healthy clusters: what all rules together say. The
 * flow fails, and no capture saw a packet.
 */
import { describe, expect, test } from '@jest/globals';
import { native, routed, routing, ruled, save, together, type Change } from '../support/changed-nodes.ts';
import { captured, changed, valueOf, type Facts } from '../support/facts.ts';
import { saidOf } from '../support/judged-facts.ts';
import { withSetting, withSettings } from '../support/network-facts.ts';
import { walkedAgain } from '../support/walked-again.ts';
import { lost, policy, rerouted } from '../support/ways.ts';

const edge = (of: object) => native({ family: 'netdev', hook: 'ingress', dev: 'eth0', prio: -500 }, of, { drop: null });
const addressOf = (end: 'source' | 'destination') => (facts: Facts) => valueOf(facts, 'flow')[end].address;
const nodeOf = (end: 'source' | 'destination') => (facts: Facts) => valueOf(facts, 'flow')[end].nodeAddress ?? '';
const fromNode: Change = (facts) => {
  const { source, ...rest } = valueOf(facts, 'flow');
  const address = source.nodeAddress ?? '';
  const node = { ...source, kind: 'node' as const, namespace: null, name: source.node ?? '', interface: null, address };
  return changed(facts, { flow: { ...rest, source: node } });
};
const withoutMain: Change = (facts) => {
  const { rules, tables } = policy(['100:	from 192.0.2.0/24 lookup main']);
  const left = { tables, rules: rules.filter(({ priority }) => priority !== 32_766) };
  return changed(facts, { 'routing@source': left });
};
/** As a strict filter of the pod's node does with what comes in, where everything would leave by a VPN. */
const refusedForWayBack: Change = (facts) =>
  changed(facts, {
    'kernel-ways': valueOf(facts, 'kernel-ways').map((way) =>
      way.answer.kind === 'route' && way.answer.device === 'vpn0' && way.inInterface !== null
        ? {
            ...way,
            answer: { kind: 'refused' as const, error: 'cross-device' as const, words: 'Invalid cross-device link' },
          }
        : way,
    ),
  });

const inputs: readonly (readonly [kind: string, what: string, Change, roots: readonly string[], effects?: string[]])[] =
  [
    ['K1', 'nothing is wrong', (facts) => facts, []],
    [
      'K1',
      'a blackhole for the client, where the answer leaves',
      routed('target', (facts) => ({ destination: `${addressOf('source')(facts)}/32`, type: 'blackhole' })),
      ['pool-overlaps-another-network @n1'],
    ],
    [
      'K1',
      'the node of the client is unreachable by a route of the node of the pod',
      routed('target', (facts) => ({ destination: `${nodeOf('source')(facts)}/32`, type: 'unreachable' })),
      ['outside-route-missing @n1'],
    ],
    [
      'K1',
      'the same, asked by the node of the client',
      together(
        fromNode,
        routed('target', (facts) => ({ destination: `${nodeOf('source')(facts)}/32`, type: 'prohibit' })),
      ),
      ['outside-route-missing @n1'],
    ],
    [
      'K1',
      'a rule by the interface of the pod leads to another uplink',
      (facts) =>
        routing('target', [`90:	from all iif ${valueOf(facts, 'flow').destination.interface} lookup 52`], {
          52: [{ device: 'eth1', gateway: '10.9.0.1' }],
        })(facts),
      ['routing-rule-diverts @n1'],
    ],
    ['K1', 'no rule of the node of the client leads to the main table', withoutMain, ['routing-rule-diverts @n2']],
    [
      'K1',
      'an interface that an earlier pod left has the address, too',
      routed('target', (facts) => ({ destination: `${addressOf('destination')(facts)}/32`, device: 'caliold0' })),
      ['pod-route-wrong @n1'],
      ['calico-guard-drops @n1'],
    ],
    ['K2', 'a drop where frames come in (netdev)', ruled('target', edge(protocol(4))), ['foreign-rule-drops @n1']],
    [
      'K2',
      'a drop in raw, before connections are tracked',
      ruled('source', save('raw', '-A PREROUTING -p tcp -m tcp --dport 8080 -j DROP')),
      ['foreign-rule-drops @n2'],
    ],
    [
      'K3',
      'a rule whose bytes nobody knows: no cause',
      ruled('target', save('mangle', '-A FORWARD -m u32 --u32 "0x0=0x1" -j DROP')),
      [],
    ],
    [
      'K4',
      'tunnel packets with the answer are refused where they come in',
      ruled('source', save('filter', '-A INPUT -p 4 -j DROP')),
      ['foreign-rule-drops @n2'],
    ],
    [
      'K5',
      'the answer is dropped behind the route, on the node of the pod',
      ruled('target', save('mangle', '-A POSTROUTING -p tcp -m tcp --sport 8080 -j DROP')),
      ['foreign-rule-drops @n1'],
    ],
    [
      'K5',
      'the answer is dropped behind the tunnel, on the node of the client',
      ruled('source', save('mangle', '-A POSTROUTING -p tcp -m tcp --sport 8080 -j DROP')),
      ['foreign-rule-drops @n2'],
    ],
    [
      'K8',
      'a proxy that is gone: its rule sends connections to a port of the node',
      ruled('source', save('nat', '-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 15001')),
      ['destination-rewritten @n2'],
    ],
    [
      'K9',
      'requests are not tracked, and answers then meet the policies',
      ruled('target', save('raw', '-A PREROUTING -p tcp -m tcp --dport 8080 -j NOTRACK')),
      ['flow-not-tracked @n1'],
    ],
    [
      'K9',
      'a drop for another port is none of this flow',
      ruled('target', save('filter', '-A FORWARD -p tcp -m tcp --dport 9090 -j DROP')),
      [],
    ],
    [
      'K9',
      'a drop behind the one that ends the packet is told, and not as its cause',
      together(
        ruled('source', save('raw', '-A PREROUTING -p tcp -m tcp --dport 8080 -j DROP')),
        ruled('target', save('filter', '-A FORWARD -p tcp -m tcp --dport 8080 -j DROP')),
      ),
      ['foreign-rule-drops @n2'],
    ],
  ];

function protocol(number: number): object {
  return { match: { op: '==', left: { payload: { protocol: 'ip', field: 'protocol' } }, right: number } };
}

describe.each(['healthy-legacy', 'healthy-nftables'])('%s', (name) => {
  test.each(inputs)('%s: %s', async (_, __, change, roots, effects = []) => {
    const facts = withSettings(lost(await captured(name, { port: { protocol: 'tcp', number: 8080 } })));
    const said = await saidOf(walkedAgain(rerouted(change(facts))));
    expect([said.verdict, said.roots, said.consequences]).toEqual([
      roots.length > 0 ? 'fault' : 'inconclusive',
      roots,
      effects,
    ]);
  });

  test("K1: a VPN's rule explains what a strict reverse path filter drops", async () => {
    const facts = withSettings(lost(await captured(name, { port: { protocol: 'tcp', number: 8080 } })));
    const diverted = together(
      routing('target', ['5270:	from all lookup 52'], { 52: [{ device: 'vpn0' }] }),
      (before) => withSetting(before, 'target', 'all', { reversePath: 1 }),
      rerouted,
      refusedForWayBack,
    );
    const said = await saidOf(walkedAgain(diverted(facts)));
    expect([said.verdict, said.roots, said.consequences]).toEqual([
      'fault',
      ['routing-rule-diverts @n1'],
      ['reverse-path-filtered @n1', 'reverse-path-filtered @n1'],
    ]);
  });

  const odd: readonly (readonly [what: string, Change])[] = [
    [
      'two ways out',
      routed('target', () => ({ nextHops: [1, 2].map((at) => ({ gateway: `10.25${at}.0.1`, device: 'x' })) })),
    ],
    [
      'the rest of the pool is refused',
      routed('source', () => ({ destination: '10.244.0.0/16', type: 'unreachable' })),
    ],
    ['another network is a blackhole', routed('target', () => ({ destination: '10.99.0.0/16', type: 'blackhole' }))],
    ['a rule that nobody can decide', ruled('target', save('mangle', '-A FORWARD -m u32 --u32 "0x0=0x1" -j DROP'))],
    ['a rule drops frames of others', ruled('target', edge(protocol(47)))],
  ];
  test.each(odd)('healthy, and odd: %s', async (_, change) => {
    const facts = withSettings(await captured(name));
    const said = await saidOf(walkedAgain(rerouted(change(facts))));
    expect(said).toEqual({ verdict: 'healthy', roots: [], consequences: [], latent: [] });
  });
});
