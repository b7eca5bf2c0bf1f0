import type { Fact } from '../../model/evidence.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import type { Link, Route } from '../../model/network.ts';
import { prefixOf, routesTo } from '../../model/routes.ts';
import type { TunnelNeighbour } from '../../model/tunnel-neighbour.ts';

/** A next hop, and the node that has it. */
export interface HopOfAnother {
  readonly gateway: string;
  readonly node: string;
  /** The tunnel's forwarding database leads it there. */
  readonly inTunnel: boolean;
}

interface Leading {
  readonly nodes: Fact<readonly KubernetesNode[]>;
  readonly neighbours: Fact<readonly TunnelNeighbour[]>;
  /** Of the node to which the routes should lead. */
  readonly peerLinks: Fact<readonly Link[]>;
}

/**
 * A next hop towards the block of `peer` that leads to another node: one of several hops is enough to lose packets.
 * Where the next hop is an address of `peer`, the route is right, even where the packets end at another node.
 * @param ends the node that has the routes, and the one to which they should lead
 */
export function nextHopOfAnother(
  routes: readonly Route[],
  address: string,
  { node, peer }: Readonly<Record<'node' | 'peer', string | null>>,
  { nodes, neighbours, peerLinks }: Leading,
): HopOfAnother | null {
  const [taken] = routesTo(routes, address);
  if (nodes.status === 'unavailable' || peer === null || !taken || prefixOf(taken) === 0) return null;
  const ownersOf = (...addresses: readonly string[]) =>
    nodes.value
      .filter(({ status }) => status?.addresses?.some((own) => addresses.includes(own.address)))
      .map(({ metadata }) => metadata.name);
  const inTunnel = neighbours.status === 'observed' && peerLinks.status === 'observed' ? neighbours.value : [];
  const ofPeer = peerLinks.status === 'observed' ? peerLinks.value.flatMap(({ addresses }) => addresses) : [];
  const ledTo = (gateway: string) =>
    inTunnel.find((one) => one.node === node && one.peer === peer && one.gateway === gateway)?.destinations ?? [];
  for (const gateway of [taken.gateway, ...taken.nextHops.map((hop) => hop.gateway)]) {
    if (gateway === null || ofPeer.some((own) => own.address === gateway)) continue;
    const [owner, ...more] = ownersOf(gateway);
    if (owner !== undefined && ![owner, ...more].includes(peer)) return { gateway, node: owner, inTunnel: false };
    const [end, ...others] = ownersOf(...ledTo(gateway));
    if (end !== undefined && end !== peer && others.length === 0) return { gateway, node: end, inTunnel: true };
  }
  return null;
}
