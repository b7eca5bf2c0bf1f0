/** Which policies select an endpoint, in the order in which Felix judges by them. */
import { kubernetesPolicyOf } from '../calico/policy-names.ts';
import type { CalicoPolicy, CalicoRule, Tier } from '../model/calico.ts';
import type { DirectionPolicies, PodPolicy, PodPolicyRule } from '../model/pod-policies.ts';
import { policyRuleWords } from '../calico/policy-rule-words.ts';
import { isUnknown } from './answer.ts';
import { appliesTo, byOrder, newestOrder, sortedTiers, tierOf } from './order.ts';
import type { Labels } from './selector.ts';

const directions = ['ingress', 'egress'] as const;
type Direction = (typeof directions)[number];

/** A policy that selects the endpoint, or may. */
interface Selecting<P extends CalicoPolicy> {
  readonly policy: P;
  readonly told: PodPolicy;
}

/** Returns the policies that select an endpoint in some direction, or of which that is not known. */
export function selecting<P extends CalicoPolicy>(
  policies: readonly P[],
  tiers: readonly Tier[],
  labels: Labels,
): readonly Selecting<P>[] {
  const rank = new Map(sortedTiers(tiers).map(({ metadata }, at) => [metadata.name, at]));
  const rankOf = (policy: P) => rank.get(tierOf(policy)) ?? Infinity;
  return policies
    .toSorted(
      (a, b) =>
        byOrder(rankOf(a), rankOf(b)) ||
        byOrder(a.spec.order, b.spec.order) ||
        (newestOrder(a) < newestOrder(b) ? -1 : 1),
    )
    .flatMap((policy) => {
      const told = describe(policy, labels, rank.has(tierOf(policy)));
      return told ? [{ policy, told }] : [];
    });
}

function describe(policy: CalicoPolicy, labels: Labels, hasTier: boolean): PodPolicy | null {
  const applies = directions.map((direction) => appliesTo(policy, { direction, labels }));
  const doubt = applies.find(isUnknown);
  if (applies.every((one) => one === false)) return null;
  const namespace = policy.metadata.namespace ?? null;
  const rules = (direction: Direction) =>
    applies[directions.indexOf(direction)] === false ? null : ruleLines(policy.spec[direction], direction, namespace);
  return {
    kind: policy.kind.replace(/^Kubernetes/, ''),
    namespace,
    name: kubernetesPolicyOf(policy.metadata.name)?.name ?? policy.metadata.name,
    tier: tierOf(policy),
    order: policy.spec.order ?? null,
    doubt: doubt ? doubt.unknown : hasTier ? null : `the tier ${tierOf(policy)} does not exist`,
    ingress: rules('ingress'),
    egress: rules('egress'),
  };
}

/** Returns rules in words. @param namespace of the policy; null: a global one, or a profile */
export function ruleLines(
  rules: readonly CalicoRule[] = [],
  direction: Direction,
  namespace: string | null,
): readonly PodPolicyRule[] {
  return rules.map((rule, at) => ({
    number: at + 1,
    action: rule.action,
    matches: policyRuleWords(rule, direction, namespace),
  }));
}

const passes = ({ action }: PodPolicyRule) => ['pass', 'next-tier'].includes(action.toLowerCase());

/** Returns where packets of a direction go that no rule of the selecting policies decides. */
export function tierEnds(found: readonly PodPolicy[], tiers: readonly Tier[], direction: Direction): DirectionPolicies {
  const theirs = found.filter((policy) => policy[direction] !== null);
  const applying = sortedTiers(tiers).filter(({ metadata }) => theirs.some(({ tier }) => tier === metadata.name));
  const ends = applying.map(({ metadata, spec }) => ({
    name: metadata.name,
    otherwise: spec?.defaultAction?.toLowerCase() === 'pass' ? ('pass' as const) : ('deny' as const),
  }));
  const last = ends.at(-1);
  const reachesProfiles =
    last === undefined ||
    last.otherwise === 'pass' ||
    // A policy that may not apply may leave its tier without any.
    theirs.every(({ doubt }) => doubt !== null) ||
    theirs.some((policy) => policy.tier === last.name && policy[direction]?.some(passes));
  return { tiers: ends, reachesProfiles };
}
