import type { Denial, Denials } from '../../model/denial.ts';
import { sourceAddress } from '../../model/resource.ts';
import {
  fail,
  inconclusive,
  notApplicable,
  pass,
  type Message,
  type Outcome,
  type RawFinding,
} from '../../model/rule.ts';
import { ruleWords } from '../../model/rule-words.ts';
import type { PolicyName } from '../../model/ruleset/owner.ts';
import { comparedWords, counterWords, doubtOn, egressLegs, ingressLegs, isOutdated, outdatedWords } from './denials.ts';

export const policyMessages = {
  denies: {
    title: 'Policy {policy} denies the flow ({direction} on {node})',
    detail: 'The packet ends at a rule of this policy: {rule}. {counters} {compared}',
  },
  selects: {
    title: 'No policy of tier {tier} allows the flow ({direction} on {node})',
    detail:
      'These policies select the pod and do not allow the packet: {policy}. It ends at {rule}. {counters} {compared}',
  },
} as const satisfies Readonly<Record<string, Message>>;

/**
 * Judges what both rules share: a policy's own deny, or the end of a tier whose policies select the pod, unless the
 * datastore says otherwise.
 */
export function policyDenial(
  direction: 'ingress' | 'egress',
  denials: Denials,
): Outcome<keyof typeof policyMessages, never> {
  const denied = denials.denied.filter(
    (one) => (one.class === 'policy-rule' || one.class === 'tier-end') && one.owner.direction === direction,
  );
  const standing = denied.filter((one) => !isOutdated(one));
  if (standing.length > 0) return fail(...standing.map((one) => finding(one, denials, direction)));
  if (denied.length > 0) return notApplicable(denied.map(outdatedWords).join('; '));
  const doubt = doubtOn(denials, direction === 'ingress' ? ingressLegs : egressLegs);
  return doubt ? inconclusive(doubt) : pass(`no policy denies it (${direction})`);
}

function finding(
  denial: Denial,
  denials: Denials,
  direction: 'ingress' | 'egress',
): RawFinding<keyof typeof policyMessages> {
  const { owner, rule, node, leg, proof, evidence } = denial;
  const policies = owner.kind === 'policy' ? [policyWords(owner)] : owner.policies.map(policyWords);
  return {
    message: denial.class === 'policy-rule' ? 'denies' : 'selects',
    data: {
      policy: policies.join(', ') || 'unknown',
      tier: owner.tier ?? 'default',
      node,
      rule: ruleWords(rule),
      counters: counterWords(denial),
      compared: comparedWords(denial, denials),
      direction,
    },
    subject: { kind: 'Policy', name: policies[0] ?? owner.name },
    node,
    proof,
    evidence,
    stopsFlow: denial.stopsFlow,
    // A policy judges the address with which the packet arrives.
    ...(direction === 'ingress' && leg === 'target-ingress' ? { lacks: [sourceAddress(node)] } : {}),
  };
}

function policyWords({ namespace, name }: Pick<PolicyName, 'namespace' | 'name'>): string {
  return namespace ? `${namespace}/${name}` : name;
}
