import type { DropCounters, ExpectedDecision, Flow } from '../../model/facts.ts';
import type { FlowOutcome } from '../../model/flow-state.ts';
import type { Evidence, Fact } from '../../model/evidence.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import { fail, inconclusive, notApplicable, pass, type Message, type Outcome, type RawFinding } from '../../model/rule.ts';
import { sourceAddress } from '../../model/resource.ts';
import type { PolicyName } from '../../model/ruleset.ts';
import { comparedWords, isOutdated, outdatedWords } from './expected.ts';
import { egressLegs, ingressLegs, walkDoubt } from './walk-doubt.ts';
import { dropProof, isDenied, ruleWords, walkEvidence } from './walks.ts';

export const policyMessages = {
  denies: {
    title: 'Policy {policy} denies the flow ({direction} on {node})',
    detail: 'A rule of it ends the packet: {rule}. {counters} {compared}',
  },
  selects: {
    title: 'No policy of tier {tier} allows the flow ({direction} on {node})',
    detail: 'These policies select the pod and none allows this packet: {policy}. It ends at {rule}. {counters} {compared}',
  },
} as const satisfies Readonly<Record<string, Message>>;

/** What both rules share: a policy's own deny, or the end of a tier whose policies select the pod, unless the datastore says otherwise. */
export function policyDenial(
  direction: 'ingress' | 'egress',
  walked: { readonly flow: Flow; readonly walks: readonly PacketWalk[] },
  { 'drop-counters': counters, 'flow-outcome': outcome, 'expected-decisions': expected }: { readonly 'drop-counters': Fact<DropCounters>; readonly 'flow-outcome': Fact<FlowOutcome>; readonly 'expected-decisions': Fact<readonly ExpectedDecision[]> },
  read: readonly Evidence[],
): Outcome<keyof typeof policyMessages> {
  const findings: RawFinding<keyof typeof policyMessages>[] = [];
  const outdated: string[] = [];
  for (const walk of walked.walks.filter(isDenied)) {
    const { owner, rule } = walk.result;
    if (!owner || !rule || owner.direction !== direction || (owner.kind !== 'policy' && owner.kind !== 'tier-default')) continue;
    if (isOutdated(walk, expected)) {
      outdated.push(outdatedWords(walk, expected));
      continue;
    }
    const policies = owner.kind === 'policy' ? [owner.namespace ? `${owner.namespace}/${owner.name}` : owner.name] : owner.policies.map(policyWords);
    const { proof, words } = dropProof(walk, counters, false);
    findings.push({
      message: owner.kind === 'policy' ? 'denies' : 'selects',
      data: { policy: policies.join(', ') || 'unknown', tier: owner.tier ?? 'default', node: walk.node, rule: ruleWords(rule), counters: words, compared: comparedWords(walk, expected), direction },
      subject: { kind: 'Policy', name: policies[0] ?? owner.name },
      node: walk.node,
      proof,
      evidence: walkEvidence(walk, read),
      stopsFlow: true,
      ...(walk.leg === 'target-ingress' ? { lacks: [sourceAddress(walk.node)] } : {}),
    });
  }
  if (findings.length > 0) return fail(...findings);
  if (outdated.length > 0) return notApplicable(outdated.join('; '));
  const doubt = walkDoubt(walked, outcome, direction === 'ingress' ? ingressLegs : egressLegs);
  return doubt ? inconclusive(doubt) : pass(`no policy denies it (${direction})`);
}

function policyWords({ namespace, name }: PolicyName): string {
  return namespace ? `${namespace}/${name}` : name;
}
