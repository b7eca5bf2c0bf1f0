import { describe, expect, test } from '@jest/globals';
import type { FactKey, FactValue } from '../../src/model/facts.ts';
import type { Route } from '../../src/model/network.ts';
import { captured, factOf, valueOf, type Facts } from '../support/facts.ts';
import { policy, rerouted, route } from '../support/ways.ts';

type Changes = { readonly [K in FactKey]?: FactValue<K> };
const facts = rerouted(await captured('healthy-legacy'));
const { source, destination } = valueOf(facts, 'flow');
const vpn = { 52: [{ device: 'vpn0' }, { destination: '10.250.0.0/24', type: 'throw' as const }] };
const all = '5270:	from all lookup 52';
const block = (address: string, prefix = 26) => `${address.replace(/\d+$/, '0')}/${prefix}`;
const sourceRoutes = valueOf(facts, 'routes@source');
const withoutTunnel = sourceRoutes.filter(({ device }) => device !== 'tunl0');

/** Each packet of the flow whose way is not right. */
async function wrongWays(of: Facts): Promise<readonly string[]> {
  const fact = await factOf(of, 'judged-ways');
  if (fact.status === 'unavailable') return [fact.code];
  const { ways, unasked } = fact.value;
  return [
    ...ways.flatMap(({ class: kind, way }) => (kind === 'right' ? [] : [`${way.node} ${way.of}: ${kind}`])),
    ...unasked.map((name) => `${name}: unasked`),
  ];
}

test('a healthy flow: every packet of it, there and back, takes the right way', async () => {
  const fact = await factOf(facts, 'judged-ways');
  expect(
    fact.status === 'observed' && fact.value.ways.map(({ way }) => `${way.node} ${way.of} ${way.inInterface}`),
  ).toEqual([
    `n2 source-egress ${source.interface}`,
    'n2 source-outer null',
    'n1 target-ingress tunl0',
    `n1 reply-target-egress ${destination.interface}`,
    'n1 reply-target-outer null',
    'n2 reply-source-ingress tunl0',
  ]);
  expect(await wrongWays(facts)).toEqual([]);
  expect(await wrongWays(rerouted(await captured('healthy-vxlan-legacy')))).toEqual([]);
});

describe('odd and right', () => {
  test.each<[string, Changes]>([
    [
      'a VPN with the throw routes it needs',
      { 'routing@target': policy([all], { 52: [...vpn[52], { destination: '10.244.0.0/16', type: 'throw' }] }) },
    ],
    ['a rule for others', { 'routing@target': policy(['90:	from 10.99.0.0/16 lookup 52'], vpn) }],
    [
      'a rule by a mark that no packet has',
      { 'routing@source': policy(['90:	from all fwmark 0x80000/0xff0000 lookup 52'], vpn) },
    ],
    ['a copy of the main table', { 'routing@source': policy(['90:	from all lookup 53'], { 53: sourceRoutes }) }],
    [
      'wg-quick: prefixes by main, the rest by the VPN',
      {
        'routing@target': policy(
          ['90:	from all lookup main suppress_prefixlength 0', '91:	not from all fwmark 0xca6c lookup 52'],
          vpn,
        ),
      },
    ],
    [
      "Calico's own WireGuard",
      {
        'routing@source': policy(['99:	not from all fwmark 0x100000/0x100000 lookup 1'], {
          1: [{ destination: block(destination.address), device: 'wireguard.cali' }],
        }),
      },
    ],
    [
      'a second default route',
      { 'routes@target': [...valueOf(facts, 'routes@target'), route({ device: 'vpn0', metric: 500 })] },
    ],
    [
      'a larger network of a VPN',
      { 'routes@source': [...sourceRoutes, route({ destination: '10.244.0.0/16', device: 'vpn0' })] },
    ],
    [
      "Docker's usual network",
      {
        'routes@source': [
          ...sourceRoutes,
          route({ destination: '172.17.0.0/16', device: 'docker0', protocol: 'kernel' }),
        ],
      },
    ],
    [
      'two next hops, both of the other node',
      {
        'routes@source': [
          ...withoutTunnel,
          route({
            destination: block(destination.address),
            nextHops: [
              { gateway: destination.nodeAddress, device: 'eth0' },
              { gateway: destination.nodeAddress, device: 'eth1' },
            ],
          }),
        ],
      },
    ],
    [
      'BGP by way of a router between the nodes',
      {
        'routes@source': [
          ...withoutTunnel,
          route({ destination: block(destination.address), gateway: '10.250.0.254', device: 'eth0', protocol: 'bird' }),
        ],
      },
    ],
  ])('%s', async (_, changes) => {
    expect(await wrongWays(rerouted(facts, changes))).toEqual([]);
  });
});

describe('wrong, each packet in its own way', () => {
  test.each<[string, Changes, readonly string[]]>([
    [
      'a rule of everything, on the node of the pod',
      { 'routing@target': policy([all], vpn) },
      ['n1 target-ingress: diverted', 'n1 reply-target-egress: diverted'],
    ],
    [
      'a rule by the tunnel device',
      { 'routing@target': policy(['90:	from all iif tunl0 lookup 52'], vpn) },
      ['n1 target-ingress: diverted'],
    ],
    [
      'a rule without an exception for the other node',
      { 'routing@source': policy(['90:	from all to 10.250.0.0/24 lookup 52'], { 52: [{ device: 'vpn0' }] }) },
      ['n2 source-outer: diverted'],
    ],
    [
      'a rule, while the main table lacks the route as well',
      {
        'routing@source': policy([`90:	from ${source.address} to ${destination.address} lookup 52`], vpn),
        'routes@source': withoutTunnel,
      },
      ['n2 source-egress: elsewhere'],
    ],
    ['no route of the block', { 'routes@source': withoutTunnel }, ['n2 source-egress: missing']],
    [
      'a /32 by another interface',
      {
        'routes@target': valueOf(facts, 'routes@target').map((one) =>
          one.destination === `${destination.address}/32` ? { ...one, device: 'caliold' } : one,
        ),
      },
      ['n1 target-ingress: wrong-device'],
    ],
    [
      'no /32',
      {
        'routes@target': valueOf(facts, 'routes@target').filter(
          (one) => one.destination !== `${destination.address}/32`,
        ),
      },
      ['n1 target-ingress: missing'],
    ],
    [
      'a smaller network of a bridge',
      {
        'routes@source': [
          ...sourceRoutes,
          route({ destination: block(destination.address, 27), device: 'docker0', protocol: 'kernel' }),
        ],
      },
      ['n2 source-egress: overlapped'],
    ],
  ])('%s', async (_, changes, expected) => {
    expect(await wrongWays(rerouted(facts, changes))).toEqual(expected);
  });
});

const uplink = (of: Partial<Route>) =>
  policy([`90:	from ${destination.address} lookup 52`], { 52: [{ device: 'eth1', ...of }] });

test('without a tunnel, a router may know the way of a reply: nothing is called wrong', async () => {
  const direct = {
    'routes@target': valueOf(facts, 'routes@target').map((one) =>
      one.device === 'tunl0' ? { ...one, device: 'eth0' } : one,
    ),
  };
  expect(await wrongWays(rerouted(facts, { ...direct, 'routing@target': uplink({ gateway: '10.9.0.1' }) }))).toEqual([
    'n1 reply-target-egress: elsewhere',
  ]);
  expect(await wrongWays(rerouted(facts, { ...direct, 'routing@target': uplink({}) }))).toEqual([
    'n1 reply-target-egress: diverted',
  ]);
});

test('a refusal that neither rules nor tables explain stays one: forwarding, or the reverse path', async () => {
  const refused = valueOf(facts, 'kernel-ways').map((way) =>
    way.of === 'target-ingress'
      ? { ...way, answer: { kind: 'refused' as const, error: 'no-route-to-host' as const, words: 'No route to host' } }
      : way,
  );
  expect(await wrongWays({ ...facts, 'kernel-ways': { status: 'observed', value: refused, evidence: [] } })).toEqual([
    'n1 target-ingress: refused',
  ]);
});

/** The facts where the kernel of the pod's node refuses the packet. */
const refusing = (changes: Changes, error: 'cross-device' | 'network-unreachable' = 'cross-device') => {
  const now = rerouted(facts, changes);
  const ways = valueOf(now, 'kernel-ways').map((way) =>
    way.of === 'target-ingress' ? { ...way, answer: { kind: 'refused' as const, error, words: 'refused' } } : way,
  );
  return { ...now, 'kernel-ways': { status: 'observed' as const, value: ways, evidence: [] } };
};

describe('a packet that the kernel refuses for its way back, on a node with a routing rule', () => {
  const byTunnel = { 'routing@target': policy(['90:	from all iif tunl0 lookup 52'], vpn) };
  const toThePod = { 52: [{ device: destination.interface ?? '' }] };
  test.each<[string, Facts, string]>([
    ['the rule would lead it away', refusing(byTunnel), 'diverted'],
    [
      'the table leads to the pod itself',
      refusing({ 'routing@target': policy(['90:	from all iif tunl0 lookup 52'], toThePod) }),
      'refused',
    ],
    [
      'the rule is for others',
      refusing({ 'routing@target': policy(['90:	from all iif eth7 lookup 52'], vpn) }),
      'refused',
    ],
    ['the kernel says that there is no network', refusing(byTunnel, 'network-unreachable'), 'refused'],
  ])('%s', async (_, of, expected) => {
    expect(await wrongWays(of)).toEqual([`n1 target-ingress: ${expected}`]);
  });
});

describe('the right route is dead, as its interface has no carrier', () => {
  const dead = sourceRoutes.map((one) => (one.device === 'tunl0' ? { ...one, flags: ['dead', 'linkdown'] } : one));
  const alone = dead.filter((one) => one.destination !== '0.0.0.0/0');
  test.each<[string, Changes, string]>([
    ['the default route is no other network', { 'routes@source': dead }, 'unknown'],
    ['no rule is missing', { 'routes@source': alone, 'routing@source': policy() }, 'unknown'],
    ['a rule that diverts is still named', { 'routes@source': dead, 'routing@source': policy([all], vpn) }, 'diverted'],
  ])('%s', async (_, changes, expected) => {
    expect(await wrongWays(rerouted(facts, changes))).toContain(`n2 source-egress: ${expected}`);
  });
});

test('a node as source: the reply goes to the address that its packets have', async () => {
  const flow = valueOf(facts, 'flow');
  const node = { ...flow.source, kind: 'node' as const, interface: null, address: flow.source.nodeAddress ?? '' };
  const fact = await factOf(rerouted(facts, { flow: { ...flow, source: node } }), 'judged-ways');
  const tunnel = valueOf(facts, 'links@source').find(({ name }) => name === 'tunl0')?.addresses[0]?.address;
  expect(
    fact.status === 'observed' && fact.value.ways.map(({ way }) => `${way.of} ${way.source} ${way.destination}`),
  ).toEqual([
    `source-egress null ${destination.address}`,
    `source-outer null ${destination.nodeAddress}`,
    `target-ingress ${tunnel} ${destination.address}`,
    `reply-target-egress ${destination.address} ${tunnel}`,
    `reply-target-outer null ${source.nodeAddress}`,
  ]);
});

test('routes that were gone while the kernel was asked, and are back in the table, blame no other network', async () => {
  const gone = rerouted(facts, { 'routes@source': withoutTunnel });
  expect(await wrongWays(gone)).toContain('n2 source-egress: missing');
  const back = { ...gone, 'routes@source': facts['routes@source'] };
  expect(await wrongWays(back)).toEqual(['n2 source-egress: unknown']);
  const fact = await factOf(back, 'judged-ways');
  expect(fact.status === 'observed' && fact.value.ways[0]?.why).toMatch(/the routes changed while they were read$/);
});

test('from outside, only the node of the pod is asked', async () => {
  const flow = valueOf(facts, 'flow');
  const outside = {
    ...flow.source,
    kind: 'outside' as const,
    node: null,
    nodeAddress: null,
    interface: null,
    address: '203.0.113.9',
  };
  const now = rerouted(
    { ...facts, 'links@source': { status: 'unavailable', code: 'not-applicable', reason: '', evidence: [] } },
    { flow: { ...flow, source: outside } },
  );
  const fact = await factOf(now, 'judged-ways');
  expect(fact.status === 'observed' && fact.value.ways.map(({ way, class: kind }) => `${way.of} ${kind}`)).toEqual([
    'target-ingress right',
    'reply-target-egress right',
  ]);
});
