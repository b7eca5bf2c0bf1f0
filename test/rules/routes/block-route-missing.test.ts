import { expect, test } from '@jest/globals';
import type { Route } from '../../../src/model/network.ts';
import { blockRouteMissing as rule } from '../../../src/rules/routes/block-route-missing.ts';
import { tunnelDeviceDown } from '../../../src/rules/routes/tunnel-device-down.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { explain } from '../../../src/engine/explain.ts';
import { blind, captured, changed, evaluated, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { rerouted } from '../../support/ways.ts';

const byDefault: Route = {
  destination: '0.0.0.0/0',
  type: 'unicast',
  device: 'eth0',
  gateway: '10.250.0.1',
  protocol: null,
  metric: 0,
  flags: [],
  nextHops: [],
};
const facts = await captured('healthy-legacy');
const without = (key: 'routes@target' | 'routes@source', of: Facts = facts) =>
  rerouted(of, {
    [key]: [
      byDefault,
      ...valueOf(of, key).filter(
        ({ device, destination }) => device !== 'tunl0' && destination !== byDefault.destination,
      ),
    ],
  });
const hosted = (end: 'source' | 'destination', of: Facts) => {
  const flow = valueOf(of, 'flow');
  return rerouted(of, { flow: { ...flow, [end]: { ...flow[end], interface: null } } });
};
/** The causes that are named where routes and tunnel device of one node, or of two, are gone. */
const downAt = async (key: 'links@source' | 'links@target') => {
  const broken = changed(without('routes@source'), {
    [key]: valueOf(facts, key).map((link) => (link.name === 'tunl0' ? { ...link, flags: [] } : link)),
  });
  const findings = await Promise.all(
    [rule, tunnelDeviceDown].map(async (one) =>
      findingsOf(await evaluated(one, broken)).map((finding) => ({ rule: one, finding })),
    ),
  );
  return explain(findings.flat()).map((one) => one.cause?.rule.id ?? null);
};

const plain = {
  pools: valueOf(facts, 'pools').map((pool) => ({
    ...pool,
    spec: { ...pool.spec, ipipMode: 'Never' as const, vxlanMode: 'Never' as const },
  })),
};
const third = '198.51.100.3';
const { destination } = valueOf(facts, 'flow');
const nodes = [
  ...valueOf(facts, 'nodes'),
  { metadata: { name: 'n3' }, status: { addresses: [{ type: 'InternalIP', address: third }] } },
];
/** The route to the pod's block, changed, in a cluster of three nodes. */
const leading = (change: Partial<Route>) =>
  rerouted(facts, {
    nodes,
    'routes@source': valueOf(facts, 'routes@source').map((route) =>
      route.device === 'tunl0' && route.gateway === destination.nodeAddress ? { ...route, ...change } : route,
    ),
  });
/** Without a tunnel, without a route there, and without the session that would bring it. Nothing was captured. */
const sessionless = () =>
  changed(rerouted(without('routes@source'), plain), {
    'bgp-sessions': [
      {
        node: 'n2',
        running: true,
        known: 'status',
        sessions: [{ address: destination.nodeAddress ?? '', established: false, info: 'Connect' }],
      },
    ],
    'path-capture': {
      ...valueOf(facts, 'path-capture'),
      places: valueOf(facts, 'path-capture').places.map((place) => ({ ...place, requests: [], replies: [] })),
    },
  });
const wrong = [`wrong Route ${destination.address} @n2 read stops`];

testRule(rule, {
  lab: 'tunnel-down',
  rows: [
    [
      'fails: a route by way of another node',
      () => leading({ gateway: third }),
      [{ finding: wrong[0] ?? '', withholds: [`returnRoute:n2/${destination.address}`] }],
    ],
    [
      'fails: another node as one of two next hops',
      () =>
        leading({
          gateway: null,
          nextHops: [
            { gateway: destination.nodeAddress, device: 'tunl0' },
            { gateway: third, device: 'tunl0' },
          ],
        }),
      wrong,
    ],
    ["passes: by way of an address that is no node's", () => leading({ gateway: '203.0.113.1' }), 'pass'],
    ['passes: whose the next hop is, nobody could say', () => blind(leading({ gateway: third }), ['nodes']), 'pass'],
    [
      "fails: the way there, from the source's node",
      () => without('routes@source'),
      [`missing Route ${valueOf(facts, 'flow').destination.address} @n2 read stops`],
    ],
    [
      "fails: the way back, from the pod's node",
      () => without('routes@target'),
      [`missing Route ${valueOf(facts, 'flow').source.address} @n1 read stops`],
    ],
    [
      'fails: no route at all',
      () => rerouted(facts, { 'routes@source': [] }),
      [`missing Route ${valueOf(facts, 'flow').destination.address} @n2 read stops`],
    ],
    [
      "fails: a blackhole of a block that is another node's",
      () => {
        const blackhole: Route = {
          ...byDefault,
          destination: `${valueOf(facts, 'flow').destination.address.replace(/\d+$/, '0')}/24`,
          type: 'blackhole',
          device: null,
          gateway: null,
        };
        return rerouted(facts, { 'routes@source': [blackhole] });
      },
      [`missing Route ${valueOf(facts, 'flow').destination.address} @n2 read stops`],
    ],
    [
      'does not apply: another route takes the packet',
      () =>
        rerouted(facts, {
          'routes@source': [
            ...valueOf(facts, 'routes@source'),
            { ...byDefault, destination: `${destination.address}/32`, device: 'docker0', gateway: null },
          ],
        }),
      'not-applicable',
    ],
    ['inconclusive: the kernel could not be asked', () => blind(facts, ['kernel-ways']), 'inconclusive'],
    ['passes with both routes (1)', () => facts, 'pass'],
    ['passes with both routes (2)', () => captured('healthy-vxlan-legacy'), 'pass'],
    [
      'inconclusive: the default route, where no tunnel is used: the network may know the way',
      () => rerouted(without('routes@source'), plain),
      'inconclusive',
    ],
    [
      'fails: no route at all, where no tunnel is used',
      () => rerouted(facts, { ...plain, 'routes@source': [] }),
      [`missing Route ${valueOf(facts, 'flow').destination.address} @n2 read stops`],
    ],
    [
      'inconclusive: the default route, where no pool of Calico holds the address: another network plugin leads there',
      () => changed(sessionless(), { pools: [] }),
      'inconclusive',
    ],
    [
      'fails: the default route, where no tunnel is used and the BGP session is down',
      () => sessionless(),
      [
        {
          finding: `missing Route ${destination.address} @n2 read stops`,
          lacks: ['tunnel:n2', 'felix:n2', 'bgpSession:n2/n1', 'nodeAddress:n1'],
        },
      ],
    ],
    [
      'inconclusive: the same, and the other node saw the packet: the network knows the way',
      () =>
        changed(sessionless(), {
          'path-capture': {
            ...valueOf(facts, 'path-capture'),
            places: valueOf(facts, 'path-capture').places.map((place) => ({ ...place, requests: ['1'] })),
          },
        }),
      'inconclusive',
    ],
    ...(['routes@target', 'routes@source'] as const).map((key): RuleRow => [
      `inconclusive: ${key} could not be read`,
      () => blind(facts, [key]),
      'inconclusive',
    ]),
    [
      "does not apply: to a hostNetwork pod, which its node's own network reaches",
      () => hosted('destination', without('routes@source')),
      'not-applicable',
    ],
    [
      "passes: the way back of a source on its node's network is another cause",
      () => hosted('source', without('routes@target')),
      'pass',
    ],
    [
      'does not apply: within one node, or from outside (1)',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(without('routes@source'), { flow: { ...flow, source: { ...flow.source, node: 'n1' } } });
      },
      'not-applicable',
    ],
    [
      'does not apply: within one node, or from outside (2)',
      () => blind(facts, ['routes@source'], 'not-applicable'),
      'not-applicable',
    ],
  ],
});

test('as the consequence of a tunnel device that is down on that node, not on another', async () => {
  expect(await downAt('links@source')).toEqual(['tunnel-device-down', null]);
  expect(await downAt('links@target')).toEqual([null, null]);
});
