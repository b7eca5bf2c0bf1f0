import type { Flow } from '../../model/flow.ts';

export function isCrossNode(flow: Flow): boolean {
  return flow.source.node !== flow.destination.node;
}
