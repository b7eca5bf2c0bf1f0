/** Nodes as they were read, and what walks of a flow say. */
import { allLegs, type Leg } from '../../src/model/flow-walk.ts';
import type { FlowEnd } from '../../src/model/flow.ts';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import type { WalkedNode } from '../../src/flow-walks/walked-node.ts';
import { valueOf, type Facts } from '../support/facts.ts';

/** Every leg of a flow between pods of two nodes, in the order in which they are walked. */
export const legsBetweenNodes: readonly Leg[] = allLegs.filter((leg) => !leg.endsWith('same-node'));

export const nodesOf = (facts: Facts): { target: WalkedNode; source: WalkedNode } => ({
  target: {
    rulesets: valueOf(facts, 'rulesets@target'),
    routes: valueOf(facts, 'routes@target'),
    links: valueOf(facts, 'links@target'),
  },
  source: {
    rulesets: valueOf(facts, 'rulesets@source'),
    routes: valueOf(facts, 'routes@source'),
    links: valueOf(facts, 'links@source'),
  },
});
/** Each leg with the hooks that it meets. */
export const hooksOf = (walks: ReturnType<typeof walkLegs>) =>
  Object.fromEntries(walks.map(({ leg, result }) => [leg, [...new Set(result.trail.map(({ hook }) => hook))]]));
export const decisions = (walks: ReturnType<typeof walkLegs>) =>
  walks.map(({ leg, result }) => `${leg} ${result.decision}`);
export const hosted = (end: FlowEnd): FlowEnd => ({ ...end, address: end.nodeAddress ?? '', interface: null });

/** The node has another address on another interface, and its block's route leads there. */
export const second = (node: WalkedNode, own: string, other: string, block: string): WalkedNode => ({
  ...node,
  links: node.links
    .map((link) => (link.name === 'tunl0' ? link : { ...link, addresses: link.name === 'lo' ? link.addresses : [] }))
    .concat({
      name: 'eth1',
      index: 99,
      flags: ['UP'],
      mtu: 1500,
      operState: 'UP',
      kind: null,
      peerNamespace: null,
      peerIndex: null,
      addresses: [{ address: own, prefixLength: 24 }],
    }),
  routes: node.routes
    .map((route) => (route.destination === block ? { ...route, gateway: other } : route))
    .concat({
      destination: '198.51.100.0/24',
      type: 'unicast',
      device: 'eth1',
      gateway: null,
      protocol: 'kernel',
      metric: 0,
      flags: [],
      nextHops: [],
    }),
});
