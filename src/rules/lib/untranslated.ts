/** Shows that packets of a pod leave its node with the pod's own address, and that hosts outside do not answer them. */
import type { Fact } from '../../model/evidence.ts';
import type { FactValue } from '../../model/facts.ts';
import type { Flow } from '../../model/flow.ts';
import { inconclusive, notApplicable, pass, type Outcome } from '../../model/rule.ts';
import type { Sighting } from '../../model/sightings.ts';
import { describePort } from '../../model/target-grammar.ts';

interface Untranslated {
  readonly node: string;
  /** What was captured. */
  readonly seen: string;
  /** The same host answers the node itself. */
  readonly answers: string;
}

/**
 * Returns what shows it, or the outcome of a rule where nothing does. The way of the flow is known: from a pod with a
 * network of its own to an address of no pool.
 */
export function untranslated(
  flow: Flow,
  reachability: Fact<FactValue<'reachability'>>,
  sightings: Fact<FactValue<'sightings'>>,
): Untranslated | { readonly not: Outcome<never, never> } {
  const { source, destination } = flow;
  if (source.node === null || source.node === destination.node)
    return { not: notApplicable('the packet does not leave the node') };
  const tried = attemptsOf(reachability, 'flow');
  if (tried.length > 0 && tried.every(({ answer }) => answer === 'reply' || answer === 'refused'))
    return { not: pass('answers come back to the pod') };
  const card = sightings.status === 'observed' ? cardOf(sightings.value.points) : null;
  if (card === null || card.requests.length === 0)
    return { not: inconclusive('no capture shows with which address the packet leaves the node') };
  if (!card.sources?.includes(source.address))
    return { not: pass(`the packet leaves ${source.node} as ${card.sources?.join(', ') ?? 'another address'}`) };
  if (card.replies.length > 0) return { not: pass('answers to the address of the pod come back to its node') };
  if (flow.port.protocol === 'udp' && flow.port.number !== 53)
    return { not: inconclusive('a UDP service may leave a datagram without an answer') };
  const own = attemptsOf(reachability, 'own-node').filter(({ from }) => from === `node ${source.node}`);
  const same = own.filter(({ port }) => describePort(port) === describePort(flow.port));
  const answered = (same.length > 0 ? same : own).find(({ answer }) => answer === 'reply' || answer === 'refused');
  if (!answered)
    return {
      not: inconclusive(`the node itself gets no answer from ${destination.address} either, whatever its address is`),
    };
  return {
    node: source.node,
    seen: seenWords(flow, card),
    answers: `${answered.to} answers the node itself (${answered.detail}).`,
  };
}

function attemptsOf(reachability: Fact<FactValue<'reachability'>>, what: 'flow' | 'own-node') {
  return reachability.status === 'unavailable'
    ? []
    : reachability.value.attempts.filter((attempt) => attempt.what === what && attempt.answer !== 'error');
}

function cardOf(points: readonly Sighting[]): Sighting | null {
  return points.find(({ point, trouble }) => point === 'source-card' && trouble === null) ?? null;
}

function seenWords({ source, destination }: Flow, { interface: device, requests }: Sighting): string {
  const packets = requests.length === 1 ? '1 packet' : `${requests.length} packets`;
  return `${packets} left by ${device} as ${source.address} > ${destination.address}, and no answer came back.`;
}
