/** What `policy` found, for people: the answer first, then every policy in the order in which Felix judges. */
import type { Expected } from '../../model/expected-decision.ts';
import { onlyCluster } from '../../model/known-clusters.ts';
import type { PodPolicies, PodPolicy, PodPolicyRule } from '../../model/pod-policies.ts';
import { line } from '../plain-output.ts';
import type { AskedAnswer, PolicyReport } from '../../model/policy-report.ts';

type Direction = 'ingress' | 'egress';
const titles = { ingress: 'Ingress: who may reach the pod', egress: 'Egress: whom the pod may reach' } as const;
const decisions = { allow: 'allowed', deny: 'denied', unknown: 'unknown' } as const;

export function policyText({ cluster, pod, answer, policies, unread }: PolicyReport): string {
  return [
    ...(answer ? [...answerLines(pod, answer, unread), ''] : []),
    ...(policies
      ? policyLines(pod, policies)
      : [line`Inconclusive: the policies of ${pod} could not be read: ${unread ?? ''}.`]),
    '',
    'This is what the datastore says. Host endpoints are not read, and no node was asked whether it carries it out:',
    line`calico-chatops diagnose ${pod}${cluster === onlyCluster ? '' : ` --cluster ${cluster}`}`,
    '',
  ].join('\n');
}

/** @param told why the policies could not be read, which is told elsewhere */
function answerLines(
  pod: string,
  { from, port, decision, egress, ingress, unread }: AskedAnswer,
  told: string | null,
): readonly string[] {
  const heads = {
    allow: line`Yes: the policies let ${from} reach ${pod} on ${port}.`,
    deny: line`No: the policies do not let ${from} reach ${pod} on ${port}.`,
    unknown: line`Unknown: I cannot tell whether the policies let ${from} reach ${pod} on ${port}.`,
  };
  return [
    heads[decision],
    ...(unread === null || unread === told ? [] : [line`  Not checked: ${unread}.`]),
    ...(egress ? [line`  Egress at the source: ${decided(egress)}`] : []),
    ...(ingress ? [line`  Ingress at the pod: ${decided(ingress)}`] : []),
  ];
}

function decided({ decision, by }: Expected): string {
  return `${decisions[decision]}: ${by}.`;
}

function policyLines(pod: string, found: PodPolicies): readonly string[] {
  return [
    line`Policies that select ${pod}:`,
    ...(['ingress', 'egress'] as const).flatMap((direction) => ['', ...directionLines(found, direction)]),
    ...stagedLines(found.staged),
  ];
}

function directionLines({ policies, profiles, ...ends }: PodPolicies, direction: Direction): readonly string[] {
  const theirs = policies.filter((policy) => policy[direction] !== null);
  const { tiers, reachesProfiles } = ends[direction];
  const of = (tier: string | null) =>
    theirs
      .filter((policy) => (tiers.some(({ name }) => name === policy.tier) ? policy.tier : null) === tier)
      .flatMap((policy) => [line`  ${nameOf(policy)}`, ...ruleLines(policy[direction] ?? [])]);
  return [
    titles[direction],
    ...tiers.flatMap(({ name, otherwise }) => [
      ...of(name),
      otherwise === 'deny'
        ? line`  Tier ${name} denies what none of these rules decides`
        : line`  Tier ${name} passes on what none of these rules decides`,
    ]),
    ...of(null),
    ...(reachesProfiles ? profileLines(profiles, direction, tiers.length === 0) : []),
  ];
}

function profileLines(profiles: PodPolicies['profiles'], direction: Direction, alone: boolean): readonly string[] {
  return [
    alone
      ? '  No policy: the profiles of the pod decide'
      : '  The profiles of the pod decide what the last tier passes',
    ...profiles.flatMap(({ name, rules }) =>
      rules
        ? [line`  Profile ${name}`, ...ruleLines(rules[direction])]
        : [line`  Profile ${name} does not exist: Felix denies`],
    ),
    '  Felix denies everything else',
  ];
}

function nameOf({ kind, namespace, name, tier, order, doubt }: PodPolicy): string {
  const place = namespace === null ? name : `${namespace}/${name}`;
  const perhaps = doubt === null ? '' : `; unknown whether it applies: ${doubt}`;
  return `${kind} ${place} (tier ${tier}, ${order === null ? 'no order' : `order ${order}`}${perhaps})`;
}

function ruleLines(rules: readonly PodPolicyRule[]): readonly string[] {
  return rules.length === 0
    ? ['    no rule']
    : rules.map(({ number, action, matches }) => line`    ${number}. ${action} ${matches}`);
}

function stagedLines(staged: PodPolicies['staged']): readonly string[] {
  if ('unread' in staged) return ['', line`Staged policies: not checked (${staged.unread})`];
  if (staged.length === 0) return [];
  return [
    '',
    'Staged, not in force',
    ...staged.flatMap((policy) => [
      line`  ${nameOf(policy)}${policy.stagedAction === null ? '' : `, staged action ${policy.stagedAction}`}`,
      ...(['ingress', 'egress'] as const).flatMap((direction) => {
        const rules = policy[direction];
        return rules === null || policy.stagedAction === 'Delete'
          ? []
          : [`    ${direction}`, ...ruleLines(rules).map((one) => `  ${one}`)];
      }),
    ]),
  ];
}
