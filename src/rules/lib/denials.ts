import type { Denial, Denials } from '../../model/denial.ts';
import type { CounterBurst } from '../../model/facts.ts';
import type { Leg } from '../../model/flow-walk.ts';

/** Legs of the asked packet itself on which chains of its two pods judge it. */
export const egressLegs: readonly Leg[] = ['source-egress', 'same-node'];
export const ingressLegs: readonly Leg[] = ['target-ingress', 'same-node'];
/** Every leg, tunnel packets and the answer with it. */
export const allLegs: readonly Leg[] = [
  'source-egress',
  'source-outer',
  'target-outer',
  'target-ingress',
  'reply-target-egress',
  'reply-source-ingress',
  'same-node',
];

/**
 * Returns why the lack of a denial on these legs rules nothing out; null: it does.
 * @param legs those on which the judged kind of rule could end the packet
 */
export function doubtOn({ open }: Denials, legs: readonly Leg[]): string | null {
  return open.find(({ leg }) => legs.includes(leg))?.why ?? null;
}

/** The node drops what the datastore's objects let through. */
export function isOutdated({ expected }: Denial): boolean {
  return expected?.decision === 'allow';
}

/** Why a rule that blames an object does not apply where the node's chains are outdated. */
export function outdatedWords({ node, expected }: Denial): string {
  return `what drops the packet on ${node} is not what the datastore says: ${expected?.by ?? ''}`;
}

/** A sentence for the detail of a finding that rests on the node's rules. */
export function comparedWords({ expected }: Denial, { notCompared }: Denials): string {
  if (expected?.decision === 'deny') return `The datastore says the same: ${expected.by}.`;
  if (expected) return `Whether the datastore says the same is not known: ${expected.by}.`;
  return `The datastore was not asked whether it says the same${notCompared === null ? '' : `: ${notCompared}`}.`;
}

/** What the counters of the ending rule show, with the numbers; a sentence. */
export function counterWords({ proof, burst }: Denial): string {
  if (!burst) return 'Its counter was not compared: the packet did not get that far, or nothing was sent.';
  if (proof === 'inferred') return `Not proven by counters: ${whyNot(burst)}.`;
  const {
    sent,
    flow,
    length,
    proof: { rise },
  } = burst;
  return `${sent} fresh ${flow === 'asked' ? '' : 'same-node '}packets of ${length} bytes were sent; its counter rose by exactly ${rise?.packets} packets and ${rise?.bytes} bytes, and by none in the idle window before.`;
}

function whyNot(burst: CounterBurst): string {
  return (
    burst.proof.failed
      .map(({ reason }) => reason)
      .slice(0, 2)
      .join('; ') || "the packets were sent from the pod's own node, on another way"
  );
}
