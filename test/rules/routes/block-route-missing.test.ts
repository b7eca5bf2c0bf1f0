import type { Route } from '../../../src/model/network.ts';
import { blockRouteMissing as rule } from '../../../src/rules/routes/block-route-missing.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { byDefault, rerouted } from '../../support/ways.ts';
import {
  healthy,
  facts,
  without,
  hosted,
  plain,
  byVxlan,
  third,
  leading,
  tunnelled,
  sessionless,
  twoHops,
  tunnelAddress,
  withoutTunnel,
  withoutNat,
  wrong,
  destination,
  client,
} from './block-route-given.ts';

testRule(rule, {
  lab: 'tunnel-down',
  rows: [
    [
      'fails: a route by way of another node',
      () => leading({ gateway: third }),
      [{ finding: wrong[0] ?? '', withholds: [`returnRoute:n2/${destination.address}`] }],
    ],
    ['fails: another node as one of two next hops', () => leading({ gateway: null, nextHops: twoHops }), wrong],
    [
      'fails: by way of a next hop that the tunnel leads to another node, as where that has the affinity of the block',
      () => tunnelled(third),
      [
        {
          finding: `claimed Route ${destination.address} @n2 read stops`,
          data: { other: 'n3', gateway: '10.244.3.0' },
        },
      ],
    ],
    [
      'passes: the tunnel leads an address of the node of the pod itself to another node: not for the route to answer',
      () => {
        const all = tunnelled(third);
        const own = { address: '10.244.3.0', prefixLength: 32 };
        return changed(all, {
          'links@target': valueOf(all, 'links@target').map((link) =>
            link.name === 'tunl0' ? { ...link, addresses: [own] } : link,
          ),
        });
      },
      'pass',
    ],
    [
      'inconclusive: whether the next hop is an address of the node of the pod, nobody could say',
      () => blind(tunnelled(third), ['links@target']),
      'inconclusive',
    ],
    ['passes: by way of a next hop that the tunnel leads to the node of the pod', () => tunnelled(''), 'pass'],
    ["passes: by way of a next hop that the tunnel leads to nobody's address", () => tunnelled('203.0.113.9'), 'pass'],
    ["passes: by way of an address that is no node's", () => leading({ gateway: '203.0.113.1' }), 'pass'],
    ['passes: whose the next hop is, nobody could say', () => blind(leading({ gateway: third }), ['nodes']), 'pass'],
    [
      "fails: the way there, from the source's node",
      () => without('routes@source'),
      [`missing Route ${valueOf(facts, 'flow').destination.address} @n2 read stops`],
    ],
    [
      'fails: the same where VXLAN carries packets, so that Felix writes the routes',
      () => without('routes@source', byVxlan),
      [`missing Route ${destination.address} @n2 read stops`],
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
      'passes: the same, and the other node saw the packet: the network knows the way',
      () =>
        changed(sessionless(), {
          'path-capture': {
            ...valueOf(facts, 'path-capture'),
            places: valueOf(facts, 'path-capture').places.map((place) => ({ ...place, requests: ['1'] })),
          },
        }),
      'pass',
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
      'fails: the way back to the tunnel address that packets of a node have',
      () => hosted('source', without('routes@target')),
      [`missing Route ${tunnelAddress} @n1 read stops`],
    ],
    ['passes: the way back to a node has its route', () => hosted('source', facts), 'pass'],
    [
      'passes: packets of a node have its own address where no tunnel leads to the pod',
      () => hosted('source', without('routes@target', withoutTunnel)),
      'pass',
    ],
    [
      'fails: the answer of a hostNetwork pod to a pod whose address is not hidden by NAT',
      () => hosted('destination', without('routes@target', withoutNat)),
      [`missing Route ${client.address} @n1 read stops`],
    ],
    [
      'does not apply: the answer of a hostNetwork pod goes to the node whose address hides the pod',
      () => hosted('destination', without('routes@target')),
      'not-applicable',
    ],
    [
      'passes: the flow works by way of another node, as to an address that it lent',
      () => changed(leading({ gateway: third }), { reachability: valueOf(healthy, 'reachability') }),
      'pass',
    ],
    [
      'passes: the packets were seen on the other node',
      () => {
        const { encapsulation, places } = valueOf(facts, 'path-capture');
        const seen = places.map((place) => ({ ...place, requests: ['a'] }));
        return changed(leading({ gateway: third }), { 'path-capture': { encapsulation, places: seen } });
      },
      'pass',
    ],
    [
      'fails: the flow works by one of two next hops, and the other one is another node',
      () => changed(leading({ gateway: null, nextHops: twoHops }), { reachability: valueOf(healthy, 'reachability') }),
      wrong,
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
