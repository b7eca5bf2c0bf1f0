import { addressRange, rangeHolds } from '../../model/addresses.ts';
import type { IPPool } from '../../model/calico.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import type { Route } from '../../model/network.ts';
import { prefixOf, routesTo } from '../../model/routes.ts';

/** The node of the flow whose block the packet goes to. */
interface Peer {
  readonly name: string;
  readonly address: string;
}

/**
 * Does a node lead packets for blocks of the pool straight to other nodes, and has it the peer on the same network?
 * Then it learns such routes itself, and leaves none of these blocks to routers between the nodes.
 */
export function leadsToOthers(
  routes: readonly Route[],
  pool: IPPool,
  peer: Peer,
  nodes: readonly KubernetesNode[],
): boolean {
  const [toPeer] = routesTo(routes, peer.address);
  if (!toPeer || toPeer.type !== 'unicast' || prefixOf(toPeer) === 0 || toPeer.gateway !== null) return false;
  const range = addressRange(pool.spec.cidr);
  const others = nodes
    .filter(({ metadata }) => metadata.name !== peer.name)
    .flatMap(({ status }) => (status?.addresses ?? []).map(({ address }) => address));
  return routes.some(({ type, destination, device, gateway }) => {
    const [block = ''] = destination.split('/');
    const isOfPool = type === 'unicast' && range !== null && rangeHolds(range, block);
    return isOfPool && device === toPeer.device && gateway !== null && others.includes(gateway);
  });
}
