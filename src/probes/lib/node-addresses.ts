import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { Route } from '../../model/network.ts';
import { isDenied } from '../../model/denied-walk.ts';
import type { TunnelNeighbour } from '../../model/tunnel-neighbour.ts';
import { prefixOf, routesTo } from '../../model/routes.ts';
import { tunnelOfDevice, tunnelRefusedBy } from '../../tunnels/registry.ts';

interface PeerRoutes {
  /** Of the source's node; null: not read. */
  readonly toTarget: readonly Route[] | null;
  /** Of the target's node; null: not read. */
  readonly toSource: readonly Route[] | null;
  readonly neighbours: readonly TunnelNeighbour[];
}

/**
 * Returns whether it may matter which addresses Calico holds of the flow's nodes: a node refuses a tunnel packet for
 * its sender, has no usual route to the pods of the other, or sends tunnel packets for it to another address.
 * Everywhere else nobody has to be asked.
 */
export function dependsOnNodeAddresses(
  { source, destination }: Flow,
  walks: readonly PacketWalk[],
  { toTarget, toSource, neighbours }: PeerRoutes,
): boolean {
  if (walks.some((walk) => isDenied(walk) && tunnelRefusedBy(walk.result.rule?.comments ?? []) !== null)) return true;
  if (lacksUsualRoute(toTarget, destination) || lacksUsualRoute(toSource, source)) return true;
  return neighbours.some(({ peer, destinations }) => {
    const to = peer === destination.node ? destination : source;
    return destinations.length > 0 && to.nodeAddress !== null && !destinations.includes(to.nodeAddress);
  });
}

/** No route to the block, or one into a tunnel by another gateway than the node that the pod is on. */
export function lacksUsualRoute(
  routes: readonly Route[] | null,
  { address, nodeAddress, interface: device }: FlowEnd,
): boolean {
  if (routes === null || device === null) return false;
  const [taken] = routesTo(routes, address);
  if (!taken || taken.type !== 'unicast' || prefixOf(taken) === 0) return true;
  return tunnelOfDevice(taken.device).routedByNode && taken.gateway !== null && taken.gateway !== nodeAddress;
}
