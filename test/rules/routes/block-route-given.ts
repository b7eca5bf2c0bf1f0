import type { Route } from '../../../src/model/network.ts';
import { blockRouteMissing as rule } from '../../../src/rules/routes/block-route-missing.ts';
import { tunnelDeviceDown } from '../../../src/rules/routes/tunnel-device-down.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { explain } from '../../../src/engine/explain.ts';
import { captured, changed, evaluated, valueOf, type Facts } from '../../support/facts.ts';
import { byDefault, lost, rerouted } from '../../support/ways.ts';

export const healthy = await captured('healthy-legacy');
export const facts = rerouted(lost(healthy));
export const without = (key: 'routes@target' | 'routes@source', of: Facts = facts) =>
  rerouted(of, {
    [key]: [
      byDefault,
      ...valueOf(of, key).filter(
        ({ device, destination }) => device !== 'tunl0' && destination !== byDefault.destination,
      ),
    ],
  });
export const hosted = (end: 'source' | 'destination', of: Facts) => {
  const flow = valueOf(of, 'flow');
  const { nodeAddress } = flow[end];
  return rerouted(of, { flow: { ...flow, [end]: { ...flow[end], address: nodeAddress ?? '', interface: null } } });
};
/** The causes that are named where routes and tunnel device of one node, or of two, are gone. */
export const downAt = async (key: 'links@source' | 'links@target') => {
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

export const plain = {
  pools: valueOf(facts, 'pools').map((pool) => ({
    ...pool,
    spec: { ...pool.spec, ipipMode: 'Never' as const, vxlanMode: 'Never' as const },
  })),
};
export const byVxlan = changed(facts, {
  pools: plain.pools.map((pool) => ({ ...pool, spec: { ...pool.spec, vxlanMode: 'Always' as const } })),
});
export const third = '198.51.100.3';
export const { destination } = valueOf(facts, 'flow');
const nodes = [
  ...valueOf(facts, 'nodes'),
  { metadata: { name: 'n3' }, status: { addresses: [{ type: 'InternalIP', address: third }] } },
];
/** The route to the pod's block, changed, in a cluster of three nodes. */
export const leading = (change: Partial<Route>) =>
  rerouted(facts, {
    nodes,
    'routes@source': valueOf(facts, 'routes@source').map((route) =>
      route.device === 'tunl0' && route.gateway === destination.nodeAddress ? { ...route, ...change } : route,
    ),
  });
/** The route leads into a tunnel by an address that has this node behind it; empty: the right one. */
export const tunnelled = (behind: string) =>
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
export const sessionless = () =>
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
export const twoHops = [destination.nodeAddress, third].map((gateway) => ({ gateway, device: 'tunl0' }));
export const { source: client } = valueOf(facts, 'flow');
export const tunnelAddress =
  valueOf(facts, 'links@source').find(({ name }) => name === 'tunl0')?.addresses[0]?.address ?? '';
export const withoutTunnel = rerouted(facts, {
  'routes@source': valueOf(facts, 'routes@source').map((route) =>
    route.device === 'tunl0' ? { ...route, device: 'eth0' } : route,
  ),
});
export const withoutNat = changed(facts, {
  pools: valueOf(facts, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, natOutgoing: false } })),
});
export const wrong = [`wrong Route ${destination.address} @n2 read stops`];
