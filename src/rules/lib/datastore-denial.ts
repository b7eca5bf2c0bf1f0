import type { Denials } from '../../model/denial.ts';
import { isProven, type DropCounters, type ReasonRise } from '../../model/drop-counters.ts';
import { droppedByPolicy } from '../../model/ebpf-programs.ts';
import type { Fact } from '../../model/evidence.ts';
import type { ExpectedDecision } from '../../model/expected-decision.ts';
import type { Flow } from '../../model/flow.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { sourceAddress } from '../../model/resource.ts';
import { fail, pass, type Message, type Outcome, type RawFinding } from '../../model/rule.ts';
import { describePort } from '../../model/target-grammar.ts';
import { egressLegs, ingressLegs } from './denials.ts';
import { unnamedAdvice } from './policy-denial.ts';

export const datastoreMessages = {
  byDatastore: {
    title: 'Policy {policy} blocks {flow}',
    detail: 'The datastore says so: {by}. The packet was not followed through {node}: {why}. {counters}',
  },
} as const satisfies Readonly<Record<string, Message>>;

/**
 * Judges by the datastore's policies alone, where the packet filters of a node do not tell where the packet ends.
 * @returns null where they do tell, or the policies do not decide
 */
export function datastoreDenial(
  direction: 'ingress' | 'egress',
  flow: Flow,
  { open }: Denials,
  decisions: Fact<readonly ExpectedDecision[]>,
  counters: Fact<DropCounters>,
): Outcome<keyof typeof datastoreMessages, never> | null {
  if (decisions.status === 'unavailable') return null;
  const legs = direction === 'ingress' ? ingressLegs : egressLegs;
  const unsure = open.filter(({ leg }) => legs.includes(leg));
  const [first] = unsure;
  // An answer opens every leg: a policy that denies a flow which works is not in its way.
  if (!first) return null;
  const own = decisions.value.filter((one) => one.direction === direction);
  const denied = own.filter(({ decision }) => decision === 'deny');
  if (denied.length > 0) {
    const why = ({ leg }: ExpectedDecision) => unsure.find((one) => one.leg === leg)?.why ?? first.why;
    const drops = counters.status === 'observed' ? (counters.value.reasons ?? []) : [];
    return fail(...denied.map((one) => finding(one, flow, why(one), decisions.evidence, drops)));
  }
  const allowed = unsure.every(({ leg }) => own.some((one) => one.leg === leg && one.decision === 'allow'));
  return allowed
    ? pass(`the datastore's policies allow it (${direction}): ${own.map(({ by }) => by).join('; ')}`)
    : null;
}

function finding(
  { policies, by, node, leg, direction }: ExpectedDecision,
  flow: Flow,
  why: string,
  evidence: RawFinding['evidence'],
  drops: readonly ReasonRise[],
): RawFinding<keyof typeof datastoreMessages> {
  const policy = policies.join(', ') || 'unknown';
  const isIngress = direction === 'ingress';
  const drop = drops.find(
    (one) => one.node === node && one.direction === direction && one.reason === droppedByPolicy && isProven(one),
  );
  return {
    message: 'byDatastore',
    data: {
      policy,
      flow:
        `${describePort(flow.port)} ` +
        (isIngress ? `from ${describeEnd(flow.source)}` : `to ${describeEnd(flow.destination)}`),
      node,
      by,
      why,
      counters: drop
        ? `The program of ${drop.interface} counted ${drop.rise} of ${drop.sent} test packets as dropped by policy, ` +
          'and none in an idle window.'
        : 'Not proven by counter.',
    },
    subject: { kind: 'Policy', name: policies[0] ?? 'unknown' },
    node,
    proof: drop ? 'counter' : 'inferred',
    evidence,
    stopsFlow: true,
    advice: unnamedAdvice,
    ...(isIngress && leg === 'target-ingress' ? { lacks: [sourceAddress(node)] } : {}),
  };
}
