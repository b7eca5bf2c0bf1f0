import type { FlowEnd } from '../../model/facts.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link } from '../../model/network.ts';
import { describeEnd } from '../../model/flow-end-words.ts';

/**
 * The name by which a node knows a pod's network namespace.
 * @throws LookError when the node does not say which network namespace the pod's interface leads to.
 */
export function namespaceOf(end: FlowEnd, links: readonly Link[]): string {
  const link = links.find(({ name }) => name === end.interface);
  if (!link) throw new LookError('command-failed', `the node has no interface ${end.interface} of ${describeEnd(end)}`);
  if (!link.peerNamespace)
    throw new LookError('not-supported', `the node does not name the network namespace behind ${link.name}`);
  return link.peerNamespace;
}
