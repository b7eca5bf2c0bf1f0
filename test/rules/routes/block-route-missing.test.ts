import { expect, test } from '@jest/globals';
import type { Route } from '../../../src/model/network.ts';
import { blockRouteMissing as rule } from '../../../src/rules/routes/block-route-missing.ts';
import { tunnelDeviceDown } from '../../../src/rules/routes/tunnel-device-down.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { toFinding } from '../../../src/engine/finding.ts';
import { explain } from '../../../src/engine/explain.ts';
import { blind, captured, changed, evaluated, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { lost, rerouted } from '../../support/ways.ts';

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
const healthy = await captured('healthy-legacy');
const facts = rerouted(lost(healthy));
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
  const { nodeAddress } = flow[end];
  return rerouted(of, { flow: { ...flow, [end]: { ...flow[end], address: nodeAddress ?? '', interface: null } } });
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
const byVxlan = changed(facts, {
  pools: plain.pools.map((pool) => ({ ...pool, spec: { ...pool.spec, vxlanMode: 'Always' as const } })),
});
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
/** The route leads into a tunnel by an address that has this node behind it; empty: the right one. */
const tunnelled = (behind: string) =>
  changed(leading({ gateway: '10.244.3.0' }), {
    'tunnel-neighbours': [
      {
        node: 'n2',
        peer: 'n1',
        device: 'tunl0',
        gateway: '10.244.3.0',
        entry: { linkAddress: '66:00:00:00:00:03', state: 'PERMANENT' },
        destinations: [behind === '' ? (destination.nodeAddress ?? '') : behind],
      },
    ],
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
const twoHops = [destination.nodeAddress, third].map((gateway) => ({ gateway, device: 'tunl0' }));
const { source: client } = valueOf(facts, 'flow');
const tunnelAddress = valueOf(facts, 'links@source').find(({ name }) => name === 'tunl0')?.addresses[0]?.address ?? '';
const withoutTunnel = rerouted(facts, {
  'routes@source': valueOf(facts, 'routes@source').map((route) =>
    route.device === 'tunl0' ? { ...route, device: 'eth0' } : route,
  ),
});
const withoutNat = changed(facts, {
  pools: valueOf(facts, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, natOutgoing: false } })),
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

const told = async (of: Facts) => JSON.stringify((await evaluated(rule, of)).outcome);

test('where the kernel was not asked and the flow works, no route is called a detour', async () => {
  const works = changed(blind(facts, ['kernel-ways']), { reachability: valueOf(healthy, 'reachability') });
  const detour = changed(leading({ gateway: third }), { reachability: valueOf(healthy, 'reachability') });
  expect(await told(works)).toContain('each node has a route');
  expect(await told(detour)).toContain('not by a route to the block');
});

test('as the consequence of a tunnel device that is down on that node, not on another', async () => {
  expect(await downAt('links@source')).toEqual(['tunnel-device-down', null]);
  expect(await downAt('links@target')).toEqual([null, null]);
});

const asked = async (of: Facts) => {
  const [finding] = findingsOf(await evaluated(rule, without('routes@source', of)));
  return finding && toFinding({ rule, finding }).advice?.commands.join('\n');
};

test('who writes the routes is asked: Felix where VXLAN carries packets, else BGP', async () => {
  const install = valueOf(byVxlan, 'install');
  const part = {
    kind: 'Deployment',
    namespace: 'kube-system',
    name: 'calico-typha',
    selector: '',
    account: '',
  } as const;
  const withTypha = changed(byVxlan, { install: { ...install, typha: { ...part, owner: null } } });
  const [vxlan, fed, ipip] = await Promise.all([asked(byVxlan), asked(withTypha), asked(facts)]);
  expect(vxlan).toMatch(/ip route show to root 10\.244\.0\.0\/16 .*\n.*-c calico-node --tail=100\n.*sv restart/);
  expect(vxlan).not.toContain('calicoctl');
  expect(fed).not.toContain('sv restart');
  expect(ipip).toContain('calicoctl node status');
});
