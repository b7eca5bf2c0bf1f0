import type { Evidence } from '../../model/evidence.ts';
import type { Flow } from '../../model/flow.ts';
import type { JudgedWay, JudgedWays } from '../../model/judged-way.ts';
import type { WayOf } from '../../model/kernel-way.ts';
import { routeText } from '../../model/routes.ts';

/** The packet as the other node sends it, for the packet that enters here. */
const sentAs: Partial<Record<WayOf, WayOf>> = {
  'target-ingress': 'source-egress',
  'reply-source-ingress': 'reply-target-egress',
};

/** How the other node answers a way that leads back to it. */
export interface RoutingLoop {
  /** A sentence with a space before it. */
  readonly words: string;
  readonly evidence: readonly Evidence[];
}

/** Returns the loop if a node sends a packet back to the node from which it came, and that one sends it here again. */
export function loopOf(wrong: JudgedWay | null, { ways }: JudgedWays, flow: Flow): RoutingLoop | null {
  const gateway = wrong?.way.answer.kind === 'route' ? wrong.way.answer.gateway : null;
  if (wrong === null || gateway === null) return null;
  const other = ways.find(({ way }) => way.of === sentAs[wrong.way.of]);
  const from = wrong.way.of === 'target-ingress' ? flow.source : flow.destination;
  if (other?.class !== 'right' || !other.expected || gateway !== from.nodeAddress) return null;
  const words = ` ${other.way.node} sends them here again by "${routeText(other.expected)}", so they go round.`;
  return { words, evidence: other.way.evidence };
}
