import type { Flow } from './flow.ts';

/** The packets of the flow travel between two nodes, or between a node and the outside. */
export function isCrossNode({ source, destination }: Pick<Flow, 'source' | 'destination'>): boolean {
  return source.node !== destination.node;
}
