import type { Fact } from '../../model/evidence.ts';
import type { PathCapture } from '../../model/path-capture.ts';
import type { Denial } from '../../model/denial.ts';
import type { Leg } from '../../model/flow-walk.ts';
import type { FlowOutcome } from '../../model/flow-state.ts';
import type { JudgedWay, JudgedWays, WayClass } from '../../model/judged-way.ts';
import type { WayOf } from '../../model/kernel-way.ts';
import { inconclusive, pass, type Outcome } from '../../model/rule.ts';
import { wayThrough, type Resource } from '../../model/resource.ts';
import { routeText } from '../../model/routes.ts';
import { readsOf } from '../../model/routing-policy.ts';

/** What keeps a wrong way from being blamed. */
export interface WayDisproof {
  readonly outcome: Fact<FlowOutcome>;
  readonly capture: Fact<PathCapture>;
}

/**
 * The ways of one class that the packets of the flow really suffer from: none where the flow works, or was seen behind
 * it.
 */
export function waysOfClass(
  { ways }: JudgedWays,
  wanted: WayClass,
  { outcome, capture }: WayDisproof,
): readonly JudgedWay[] {
  if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return [];
  return ways.filter((one) => one.class === wanted && (mayLeavePings(one) || !wasSeenBehind(one.way.of, capture)));
}

/**
 * What was captured are pings, too: a rule that reads ports or protocols takes others than they, and so does one that
 * reads the mark of the packet, which the packet filter may give by port.
 */
function mayLeavePings({ rule, way }: JudgedWay): boolean {
  if (rule === null) return false;
  const { ports, marks } = readsOf([rule]);
  return ports || (marks && way.mark !== 0);
}

/** The other node's capture holds the packet: whatever way it took, it got there. */
export function wasSeenBehind(of: WayOf, capture: Fact<PathCapture>): boolean {
  if (capture.status === 'unavailable') return false;
  const { places } = capture.value;
  if (of === 'source-egress' || of === 'source-outer')
    return places.some(({ hop, requests }) => hop === 'target-card' && requests.length > 0);
  if (of === 'reply-target-egress' || of === 'reply-target-outer')
    return places.some(({ hop, replies }) => hop === 'source-card' && replies.length > 0);
  return false;
}

/** Nothing of its class was found: whether that rules it out. */
export function noneOf({ ways, unasked }: JudgedWays, by: string): Outcome<never, never> {
  const [open] = ways.filter((one) => one.class === 'unknown');
  if (open) return inconclusive(`the way of the packet on ${open.way.node} is not known: ${open.why ?? ''}`);
  if (unasked.length > 0) return inconclusive(`the kernel was not asked for the way of every packet: ${unasked[0]}`);
  return pass(by);
}

/** The judged way of the first of these packets that the flow has; null: none was asked for. */
export function wayFor(judged: Fact<JudgedWays>, wanted: readonly WayOf[]): JudgedWay | null {
  return judged.status === 'observed' ? (judged.value.ways.find(({ way }) => wanted.includes(way.of)) ?? null) : null;
}

/** `the packet to NAMESPACE/POD (ADDRESS)`, or `the reply to` it. */
export function packetWords({ way, to }: JudgedWay): string {
  const what = way.of.endsWith('-outer')
    ? 'the tunnel packet'
    : way.of.startsWith('reply-')
      ? 'the reply'
      : 'the packet';
  return `${what} to ${to} (${way.destination})`;
}

export function takenWords({ taken, table, device }: JudgedWay): string {
  if (taken) return routeText(taken);
  return `${device ? `dev ${device}` : 'no route'}${table && table !== 'main' ? ` table ${table}` : ''}`;
}

/** What those lack whose packet went astray: a drop that it would not have met on its right way. */
export function wayOfLeg({ way }: JudgedWay): Resource {
  return wayThrough(way.node, way.of);
}

const wayBack: Partial<Record<Leg, WayOf>> = {
  'source-egress': 'reply-source-ingress',
  'reply-source-ingress': 'source-egress',
  'target-ingress': 'reply-target-egress',
  'reply-target-egress': 'target-ingress',
  'same-node': 'reply-same-node',
};

/**
 * The ways without which the rule would not have ended the packet: where it ends it after the route was chosen, the
 * packet's own; where it checks the reverse path, the way back to the sender.
 */
export function waysOf({ node, leg, rule, onRightWayToo }: Denial): readonly Resource[] {
  if (onRightWayToo) return [];
  if (/\brpfilter\b|\bfib\b/.test(rule.text)) {
    const back = wayBack[leg];
    return back ? [wayThrough(node, back)] : [];
  }
  return rule.table === 'raw' ? [] : [wayThrough(node, leg)];
}
