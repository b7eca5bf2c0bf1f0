import type { Flow } from './flow.ts';

/** The packets of the flow travel between two nodes, or from the outside to a node. */
export function isCrossNode({ source, destination }: Pick<Flow, 'source' | 'destination'>): boolean {
  return source.node !== destination.node && destination.node !== null;
}

/** A pod sends to its own node, or to a pod on the network of that node. */
export function isToOwnNode({ source, destination }: Pick<Flow, 'source' | 'destination'>): boolean {
  const isPod = source.kind === 'pod' && source.interface !== null;
  return isPod && destination.interface === null && source.node !== null && source.node === destination.node;
}

/** The flow goes from a node to an address that no node of the cluster has. */
export function leavesCluster({ source, destination }: Pick<Flow, 'source' | 'destination'>): boolean {
  return source.node !== null && destination.node === null;
}
