import type { FlowEnd } from '../../model/flow.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';
import { describeEnd } from '../../model/flow-end-words.ts';

/**
 * The name by which a node knows a pod's network namespace.
 * @throws LookError when the node does not say which network namespace the pod's interface leads to.
 */
export function namespaceOf(end: FlowEnd, links: readonly Link[]): string {
  const link = podLink(links, end);
  if (!link) throw new LookError('command-failed', `the node has no interface ${end.interface} of ${describeEnd(end)}`);
  if (!link.peerNamespace)
    throw new LookError('not-supported', `the node does not name the network namespace behind ${link.name}`);
  return link.peerNamespace;
}
