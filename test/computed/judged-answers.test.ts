import { describe, expect, test } from '@jest/globals';
import type { FactKey, FactValue } from '../../src/model/facts.ts';
import type { Route } from '../../src/model/network.ts';
import { captured, factOf, valueOf, type Facts } from '../support/facts.ts';
import { policy, rerouted, route } from '../support/ways.ts';

type Changes = { readonly [K in FactKey]?: FactValue<K> };
const facts = rerouted(await captured('healthy-legacy'));
const flow = valueOf(facts, 'flow');
const { source, destination } = flow;
const sourceRoutes = valueOf(facts, 'routes@source');

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

describe('the answer to a node', () => {
  const [node, tunnel] = [source.nodeAddress ?? '', `${source.address.replace(/\d+$/, '0')}/26`];
  const fromNode = { flow: { ...flow, source: { ...flow.source, interface: null, address: node } } };
  const plain = {
    'routes@source': sourceRoutes.map((one) => (one.device === 'tunl0' ? { ...one, device: 'eth0' } : one)),
  };
  const beside = (of: Partial<Route>) => ({ 'routes@target': [route(of), ...valueOf(facts, 'routes@target')] });
  const refuses = { destination: `${node}/32`, type: 'unreachable' as const };
  test.each<[string, Changes, readonly string[]]>([
    ['through the tunnel', {}, []],
    ['as it is', plain, []],
    ['refused as it is', { ...plain, ...beside(refuses) }, ['n1 reply-target-egress: missing']],
    ['refused in the tunnel', beside(refuses), ['n1 reply-target-outer: missing']],
    [
      "by another network's device, where the tunnel's address is",
      beside({ destination: tunnel.replace('/26', '/27'), device: 'docker0', protocol: 'kernel' }),
      ['n1 reply-target-egress: overlapped'],
    ],
    [
      'without the route of the block',
      { 'routes@target': valueOf(facts, 'routes@target').filter(({ device }) => device !== 'tunl0') },
      ['n1 reply-target-egress: missing'],
    ],
    [
      'by a rule, to another network',
      {
        ...plain,
        'routing@target': policy([`90:	from ${destination.address} lookup 52`], { 52: [{ device: 'vpn0' }] }),
      },
      ['n1 reply-target-egress: diverted'],
    ],
    [
      'by a rule, to a router that may know the way',
      {
        ...plain,
        'routing@target': policy([`90:	from ${destination.address} lookup 52`], {
          52: [{ device: 'eth1', gateway: '10.9.0.1' }],
        }),
      },
      ['n1 reply-target-egress: elsewhere'],
    ],
  ])('%s', async (_, changes, expected) => {
    expect(await wrongWays(rerouted(facts, { ...fromNode, ...changes }))).toEqual(expected);
  });

  test('to the address that its kernel chose, by which the cluster does not know it', async () => {
    const links = valueOf(facts, 'links@source').map((link) =>
      link.name === 'eth0' ? { ...link, addresses: [{ address: '198.51.100.4', prefixLength: 24 }] } : link,
    );
    const now = { ...fromNode, ...plain, 'links@source': links };
    expect(await wrongWays(rerouted(facts, now))).toEqual([]);
    const blackhole = beside({ destination: '198.51.100.4/32', type: 'blackhole' });
    expect(await wrongWays(rerouted(facts, { ...now, ...blackhole }))).toEqual(['n1 reply-target-egress: missing']);
  });

  test('to an address for which no kernel was asked, nothing is judged', async () => {
    const now = rerouted(facts, { ...fromNode, ...plain });
    const ways = valueOf(now, 'kernel-ways').map((way) =>
      way.of === 'source-egress' && way.answer.kind === 'route'
        ? { ...way, answer: { ...way.answer, preferredSource: '198.51.100.4' } }
        : way,
    );
    expect(await wrongWays({ ...now, 'kernel-ways': { status: 'observed', value: ways, evidence: [] } })).toEqual([
      'reply-target-egress: unasked',
    ]);
  });
});

describe('the answer of a hostNetwork pod to a pod', () => {
  const { nodeAddress } = destination;
  const toNode = { flow: { ...flow, destination: { ...destination, interface: null, address: nodeAddress ?? '' } } };
  const refusing = (address: string) => ({
    ...toNode,
    'routes@target': [route({ destination: `${address}/32`, type: 'blackhole' }), ...valueOf(facts, 'routes@target')],
  });
  const unmasked = {
    pools: valueOf(facts, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, natOutgoing: false } })),
  };
  test.each<[string, Changes, readonly string[]]>([
    ['goes to the node that hides it', refusing(source.nodeAddress ?? ''), ['n1 reply-target-egress: missing']],
    ['not to the pod then', refusing(source.address), []],
    [
      'goes to the pod that nothing hides',
      { ...refusing(source.address), ...unmasked },
      ['n1 reply-target-egress: overlapped'],
    ],
  ])('%s', async (_, changes, expected) => {
    expect(await wrongWays(rerouted(facts, changes))).toEqual(expected);
  });
});
