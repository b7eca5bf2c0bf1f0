import type { Denial, Denials } from '../../model/denial.ts';
import type { Fact } from '../../model/evidence.ts';
import type { CounterBurst } from '../../model/drop-counters.ts';
import type { Leg } from '../../model/flow-walk.ts';

/** Legs of the asked packet itself on which chains of its two pods judge it. */
export const egressLegs: readonly Leg[] = ['source-egress', 'same-node'];
export const ingressLegs: readonly Leg[] = ['target-ingress', 'same-node'];

/**
 * Returns why the lack of a denial on these legs rules nothing out; null: it does.
 * @param legs those on which the judged kind of rule could end the packet
 */
export function doubtOn({ open }: Denials, legs: readonly Leg[]): string | null {
  return open.find(({ leg }) => legs.includes(leg))?.why ?? null;
}

/**
 * What a pod sends to its own node ends behind the pod's policies. Source: felix/rules/static.go, the last rule of
 * cali-wl-to-host.
 */
export function isToHost({ class: kind, rule }: Denial): boolean {
  return kind === 'guard' && rule.comments.some((comment) => comment === 'Configured DefaultEndpointToHostAction');
}

/** The node drops what the datastore's objects let through, by rules that Felix programs. */
export function isOutdated({ class: kind, expected }: Denial): boolean {
  return kind !== 'left-over' && expected?.decision === 'allow';
}

/** Why a rule that blames an object does not apply where the node's chains are outdated. */
export function outdatedWords({ node, expected }: Denial): string {
  return `${node} drops a packet that the datastore allows: ${expected?.by ?? ''}`;
}

/** A sentence for the detail of a finding that rests on the node's rules. */
export function comparedWords({ expected }: Denial, { notCompared }: Denials): string {
  if (expected?.decision === 'deny') return `The datastore denies it too: ${expected.by}.`;
  if (expected) return `The datastore could not be compared: ${expected.by}.`;
  return `The datastore was not compared${notCompared === null ? '' : `: ${notCompared}`}.`;
}

/** What the counters of the ending rule show, with the numbers, or what a rule behind others would do; a sentence. */
export function counterWords({ proof, burst, stopsFlow }: Denial): string {
  if (!stopsFlow && proof !== 'counter')
    return 'The flow stops before it comes here. Once that is fixed, it would stop here.';
  if (!burst) return 'Not proven by counter: this rule was not compared with the test packets.';
  const { rise: counted, failed, sent: given } = burst.proof;
  if (
    proof === 'inferred' &&
    counted?.packets === given.packets &&
    failed.every(({ condition }) => condition === 'walk')
  )
    return (
      `It counted ${counted.packets} packets while ${given.packets} test packets of ${given.length} bytes were sent, ` +
      `and none in the idle window before. Not proven by counter: ${whyNot(burst)}.`
    );
  if (proof === 'inferred') return `Not proven by counter: ${whyNot(burst)}.`;
  const {
    sent,
    flow,
    length,
    proof: { rise, rule },
  } = burst;
  if (rule?.backend === 'ebpf')
    return (
      `${rise?.packets} of ${sent} test packets were counted there as dropped by policy, ` +
      'and none in the idle window before.'
    );
  return (
    `${rise?.packets} of ${sent} ${flow === 'asked' ? '' : 'same-node '}test packets of ${length} bytes ended ` +
    `there (${rise?.bytes} bytes), and none in the idle window before.`
  );
}

function whyNot(burst: CounterBurst): string {
  return (
    burst.proof.failed
      .map(({ reason }) => reason)
      .slice(0, 2)
      .join('; ') || "the test packets took another way, from the pod's own node"
  );
}

/** Felix has programmed no endpoint for the interface. That of a wrong way is not the pod's. */
export function isNotProgrammed({ class: kind, offRightWay }: Denial): boolean {
  return kind === 'unknown-interface' && !offRightWay;
}

/**
 * What stops the flow on a node and would not, had Felix there learned of the last changes: an interface that it does
 * not know, or a denial that the datastore no longer says.
 * @param hasEndpoint whether Calico's datastore has an endpoint for that end: without one Felix programs nothing,
 *   however well it learns
 */
export function unprogrammed(
  denials: Fact<Denials>,
  node: string,
  hasEndpoint: (end: Denial['end']) => boolean,
): Denial | null {
  if (denials.status !== 'observed') return null;
  // No packet comes to what stands behind the rule that ends it.
  const denied = denials.value.denied.filter((one) => one.node === node && one.stopsFlow);
  const unknown = denied.find((one) => isNotProgrammed(one) && hasEndpoint(one.end));
  return unknown ?? denied.find(isOutdated) ?? null;
}
