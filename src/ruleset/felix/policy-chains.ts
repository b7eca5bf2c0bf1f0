import { withoutLayer } from '../../calico/chain-names.ts';
import type { RuleSet } from '../../model/ruleset/rules.ts';
import type { PathStep } from '../../model/ruleset/walk.ts';
import { findChain, type RulePlace } from '../chains/find-rule.ts';

const chains = {
  ingress: { endpoint: /^cali-tw-/, policy: /^cali-(?:pi|gi)-/ },
  egress: { endpoint: /^cali-fw-/, policy: /^cali-(?:po|go)-/ },
} as const;

/**
 * Returns every chain of a policy, or of a group of policies, to which the chains of the endpoints on a packet's way
 * lead in a direction: whether or not the packet came so far. null: it comes to no such endpoint.
 */
export function policyChainsOf(
  ruleSets: readonly RuleSet[],
  trail: readonly PathStep[],
  direction: 'ingress' | 'egress',
): ReadonlySet<string> | null {
  const { endpoint, policy } = chains[direction];
  const leadingFrom = (place: RulePlace): readonly RulePlace[] =>
    targetsOf(ruleSets, place)
      .filter((chain) => policy.test(withoutLayer(chain)))
      .map((chain) => ({ ...place, chain }));
  const endpoints = trail.filter(({ chain }) => endpoint.test(withoutLayer(chain)));
  if (endpoints.length === 0) return null;
  const first = endpoints.flatMap(leadingFrom);
  // A group leads to its policies.
  return new Set([...first, ...first.flatMap(leadingFrom)].map(({ chain }) => chain));
}

function targetsOf(ruleSets: readonly RuleSet[], place: RulePlace): readonly string[] {
  return (findChain(ruleSets, place)?.chain.rules ?? []).flatMap(({ actions }) =>
    actions.flatMap((action) => (action.kind === 'jump' || action.kind === 'goto' ? [action.chain] : [])),
  );
}
