import type { Fact } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { Link } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';

/** Returns whether a pod has its interface on the node, and no /32 leaves by it to the pod. */
export function hasLostRoute(links: Fact<readonly Link[]>, end: FlowEnd): boolean {
  const link = links.status === 'observed' && end.kind === 'pod' ? podLink(links.value, end) : null;
  return link !== null && !link.hostRoutes?.includes(end.address);
}
