import type { Denials } from '../../model/denial.ts';
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
    detail: 'The datastore says so: {by}. The packet was not followed through {node}: {why}.',
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
    return fail(...denied.map((one) => finding(one, flow, why(one), decisions.evidence)));
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
): RawFinding<keyof typeof datastoreMessages> {
  const policy = policies.join(', ') || 'unknown';
  const isIngress = direction === 'ingress';
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
    },
    subject: { kind: 'Policy', name: policies[0] ?? 'unknown' },
    node,
    proof: 'inferred',
    evidence,
    stopsFlow: true,
    advice: unnamedAdvice,
    ...(isIngress && leg === 'target-ingress' ? { lacks: [sourceAddress(node)] } : {}),
  };
}
