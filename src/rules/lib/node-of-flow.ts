import type { Fact } from '../../model/evidence.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import type { Flow } from '../../model/flow.ts';

/** Returns a node of the flow on which a fix may ask calicoctl, the target's first; null: none is known. */
export function nodeOfFlow(flow: Fact<Flow>): OneNode | null {
  const ends = flow.status === 'observed' ? [flow.value.destination, flow.value.source] : [];
  const [at = null] = ends.flatMap(({ node, nodeAddress }) =>
    node !== null && nodeAddress !== null ? { node, nodeAddress } : [],
  );
  return at;
}
