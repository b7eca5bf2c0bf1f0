/**
 * Judges one packet at one endpoint by Calico's objects: tier by tier, policy by policy, then the endpoint's profiles.
 */
import type { CalicoPolicy, CalicoRule, Tier } from '../model/calico.ts';
import type { Expected } from '../model/expected-decision.ts';
import { isUnknown } from './answer.ts';
import { policyName } from '../calico/policy-names.ts';
import { appliesTo, byOrder, newestOrder, sortedTiers, tierOf } from './order.ts';
import type { PolicyQuestion } from './question.ts';
import { ruleMatches } from './rule-match.ts';

/**
 * Returns what the policies and profiles do with the packet. Where something is unknown, both ways are followed: the
 * decision is certain only if they end alike. Otherwise it is `unknown`, with the reason.
 */
export function decide(question: PolicyQuestion): Expected {
  const first = inOrder(question, newestOrder);
  const isSettled = olderOrders.every((order) => inOrder(question, order).decision === first.decision);
  return isSettled
    ? first
    : unknown('policies of the same order decide it, and which of them comes first depends on the version of Calico');
}

/**
 * With the Kubernetes datastore, Kubernetes' own policies sort by their bare name. Up to v3.31 all sort by namespace.
 */
const olderOrders: readonly ((policy: CalicoPolicy) => string)[] = [
  (policy) => newestOrder(policy).replace(/^knp\.default\./, ''),
  ({ metadata }) =>
    metadata.namespace ? `${metadata.namespace}/default.${metadata.name}` : `default.${metadata.name}`,
];

function inOrder(question: PolicyQuestion, name: (policy: CalicoPolicy) => string): Expected {
  const applying = question.policies
    .map((policy) => ({ policy, applies: appliesTo(policy, question) }))
    .filter(({ applies }) => applies !== false);
  const doubtful = applying.find(({ applies }) => isUnknown(applies));
  if (doubtful) {
    const why = isUnknown(doubtful.applies) ? `: ${doubtful.applies.unknown}` : '';
    return unknown(`whether policy ${policyName(doubtful.policy)} applies to the endpoint is not known${why}`);
  }
  const tiers = sortedTiers(question.tiers);
  const stray = applying.find(({ policy }) => !tiers.some((tier) => tier.metadata.name === tierOf(policy)));
  if (stray)
    return unknown(`policy ${policyName(stray.policy)} is of the tier ${tierOf(stray.policy)}, which does not exist`);
  const sorted = applying
    .map(({ policy }) => policy)
    .toSorted((a, b) => byOrder(a.spec.order, b.spec.order) || (name(a) < name(b) ? -1 : 1));
  let next = lazily(() => profiles(question, 0));
  for (const tier of tiers.toReversed()) {
    const following = next;
    const policies = sorted.filter((policy) => tierOf(policy) === tier.metadata.name);
    if (policies.length > 0) next = lazily(() => throughTier(question, tier, policies, following));
  }
  return next();
}

function throughTier(
  question: PolicyQuestion,
  tier: Tier,
  policies: readonly CalicoPolicy[],
  next: () => Expected,
): Expected {
  const names = policies.map(policyName);
  const theirs = `the policies of tier ${tier.metadata.name} that select the endpoint`;
  const end = (): Expected =>
    tier.spec?.defaultAction?.toLowerCase() === 'pass'
      ? next()
      : {
          decision: 'deny',
          by: `${theirs} (${names.join(', ')}) do not allow it`,
          policies: names,
        };
  let rest = end;
  for (const policy of policies.toReversed()) {
    const after = rest;
    const name = policyName(policy);
    rest = lazily(() =>
      throughRules(
        policy.spec[question.direction] ?? [],
        question,
        { namespace: policy.metadata.namespace ?? null, owner: `policy ${name}`, policies: [name] },
        next,
        after,
      ),
    );
  }
  return rest();
}

interface RuleOwner {
  readonly namespace: string | null;
  readonly owner: string;
  readonly policies: readonly string[];
}

/**
 * Follows rules without recursion: a policy of many peers and ports has thousands.
 * @param passed where a Pass leads; null: a profile, which has no Pass
 */
function throughRules(
  rules: readonly CalicoRule[],
  question: PolicyQuestion,
  { namespace, owner, policies }: RuleOwner,
  passed: (() => Expected) | null,
  after: () => Expected,
): Expected {
  const doubts: { readonly words: string; readonly why: string; readonly ifTaken: Expected }[] = [];
  let end: Expected | null = null;
  for (const [index, rule] of rules.entries()) {
    if (rule.action.toLowerCase() === 'log') continue;
    const matches = ruleMatches(rule, { ...question, namespace });
    if (matches === false) continue;
    const words = `rule ${index + 1} of ${owner}`;
    const ifTaken = taken(rule, words, policies, passed);
    if (!isUnknown(matches)) {
      end = ifTaken;
      break;
    }
    doubts.push({ words, why: matches.unknown, ifTaken });
  }
  // A rule that may match is both taken and skipped: the end is certain only if both ways end alike.
  return doubts.reduceRight((ifNot, { words, why, ifTaken }) => {
    const isSettled = ifTaken.decision === ifNot.decision && ifNot.decision !== 'unknown';
    return isSettled ? ifNot : unknown(`whether ${words} matches is not known: ${why}`);
  }, end ?? after());
}

function taken(
  { action }: CalicoRule,
  words: string,
  policies: readonly string[],
  passed: (() => Expected) | null,
): Expected {
  switch (action.toLowerCase()) {
    case 'allow':
      return { decision: 'allow', by: `${words} allows it`, policies };
    case 'deny':
      return { decision: 'deny', by: `${words} denies it`, policies };
    case 'pass':
    case 'next-tier':
      if (passed) return passed();
      break;
    default:
  }
  return unknown(`${words} has the action ${action}, which is not understood here`);
}

/** Felix puts a drop in the place of a profile that does not exist. */
function profiles(question: PolicyQuestion, at: number): Expected {
  const profile = question.profiles[at];
  if (!profile) return { decision: 'deny', by: 'no policy applies and no profile allows it', policies: [] };
  if (!profile.rules) return { decision: 'deny', by: `profile ${profile.name} does not exist`, policies: [] };
  return throughRules(
    profile.rules[question.direction],
    question,
    { namespace: null, owner: `profile ${profile.name}`, policies: [] },
    null,
    () => profiles(question, at + 1),
  );
}

function unknown(by: string): Expected {
  return { decision: 'unknown', by, policies: [] };
}

/** Returns a function that makes its value at most once: many ways may lead to it. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
