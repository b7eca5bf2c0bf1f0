import type { Fact } from '../../model/evidence.ts';
import type { Flow } from '../../model/facts.ts';
import type { FlowOutcome } from '../../model/flow-state.ts';
import type { Leg, PacketWalk } from '../../model/flow-walk.ts';
import { isCrossNode } from './flow-place.ts';
import { isDenied } from './walks.ts';

/** Legs of the asked packet itself on which chains of its two pods judge it. */
export const egressLegs: readonly Leg[] = ['source-egress', 'same-node'];
export const ingressLegs: readonly Leg[] = ['target-ingress', 'same-node'];
/** Every leg, tunnel packets and the answer with it. */
export const allLegs: readonly Leg[] = ['source-egress', 'source-outer', 'target-outer', 'target-ingress', 'reply-target-egress', 'reply-source-ingress', 'same-node'];

/**
 * Why walks without a drop do not rule one out: a leg that could not be walked, or one whose end is not certain. null: they
 * do, or the asked flow was seen to get through.
 * @param legs those on which the judged kind of rule could end the packet
 */
export function walkDoubt({ flow, walks }: { readonly flow: Flow; readonly walks: readonly PacketWalk[] }, outcome: Fact<FlowOutcome>, legs: readonly Leg[]): string | null {
  if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return null;
  const unwalked = legsOf(flow).find((leg) => legs.includes(leg) && !walks.some((walk) => walk.leg === leg));
  if (unwalked) return `the packet could not be walked on its way (${unwalked})`;
  const open = walks.find((walk) => legs.includes(walk.leg) && walk.result.decision !== 'accept' && !isDenied(walk));
  if (!open) return unwalkedPart(walks.filter(({ leg }) => legs.includes(leg)));
  const [doubt] = open.result.uncertainties;
  return `where the packet ends on ${open.node} (${open.leg}) is not certain${doubt ? `: ${doubt.why} (${doubt.rule})` : ''}`;
}

/** A part of a node's packet filter that no walk reads may end a packet which every walk lets through. */
function unwalkedPart(walks: readonly PacketWalk[]): string | null {
  for (const { node, result } of walks) {
    const part = result.uncertainties.find(({ unwalked }) => unwalked);
    if (part) return `${part.why} (${part.rule} on ${node})`;
  }
  return null;
}

/** The legs that every flow of its kind has; whether there is a tunnel, only its routes say. */
function legsOf(flow: Flow): readonly Leg[] {
  if (!isCrossNode(flow)) return ['same-node'];
  return flow.source.node === null ? ['target-ingress', 'reply-target-egress'] : ['source-egress', 'target-ingress', 'reply-target-egress', 'reply-source-ingress'];
}
