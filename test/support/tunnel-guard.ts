/** Nodes whose Felix drops tunnel packets of a host that it does not know, and the addresses that Calico holds. */
import type { Leg } from '../../src/model/flow-walk.ts';
import { changed, droppedBy, leg, withWalk, type Facts } from './facts.ts';

/** Comments of Felix's rules. */
export const guards = {
  ipip: 'Drop IPIP packets from non-Calico hosts',
  vxlan: 'Drop IPv4 VXLAN packets from non-allowed hosts',
};

/** The node at the end of this leg drops the tunnel packet for its sender. */
export const refusing = (facts: Facts, where: Leg, comment = guards.ipip) =>
  withWalk(
    facts,
    droppedBy(
      leg(facts, where),
      { kind: 'calico-static', name: 'cali-INPUT', direction: null },
      { chain: 'cali-INPUT', comments: ['cali:x', comment] },
    ),
  );

/** What Calico's own objects hold as the addresses of the nodes. */
export const holding = (facts: Facts, n1: string | null, n2: string | null) =>
  changed(facts, {
    'calico-nodes': Object.entries({ n1, n2 }).map(([node, address]) => ({
      node,
      object: { metadata: { name: node }, spec: { bgp: address === null ? {} : { ipv4Address: address } } },
    })),
  });
