import type { Chain, Counters, RuleRef, RuleSet } from '../model/ruleset.ts';
import { policyRef, refOf } from './walk-state.ts';
import { findRule } from './find-rule.ts';

/** The counters of a rule, or of a policy (index 0); null where it has none. */
export function countersOf(ruleSets: readonly RuleSet[], ref: RuleRef): Counters | null {
  const found = findRule(ruleSets, ref);
  return ref.index === 0 ? (found?.chain.counters ?? null) : (found?.rule?.counters ?? null);
}

/** @returns null where one side has no counter */
export function riseOf(before: readonly RuleSet[], after: readonly RuleSet[], ref: RuleRef): Counters | null {
  const from = countersOf(before, ref);
  const to = countersOf(after, ref);
  return from && to ? { packets: to.packets - from.packets, bytes: to.bytes - from.bytes } : null;
}

/**
 * Does the reference name the same rule in all snapshots: same place, same text, same chain around it, and no counter in that chain
 * that fell (a rewritten chain starts from zero)?
 * @returns null when it does, else why not
 */
export function sameRuleThroughout(snapshots: readonly (readonly RuleSet[])[], ref: RuleRef): string | null {
  const chains = snapshots.map((ruleSets) => findRule(ruleSets, ref)?.chain);
  for (const [at, chain] of chains.entries()) {
    if (!chain) return `the chain ${ref.chain} is missing in snapshot ${at + 1}`;
    const rule = chain.rules[ref.index - 1];
    if (ref.index > 0 && rule?.text !== ref.text) return `rule ${ref.index} of ${ref.chain} is another in snapshot ${at + 1}`;
    const earlier = chains[at - 1];
    if (!earlier) continue;
    if (chainText(chain) !== chainText(earlier)) return `the chain ${ref.chain} changed between snapshots ${at} and ${at + 1}`;
    if (fell(earlier, chain)) return `a counter of ${ref.chain} fell between snapshots ${at} and ${at + 1}: it was rewritten`;
  }
  return null;
}

/** Every rule and policy that ends a packet by dropping or rejecting it. */
export function endingRules(ruleSets: readonly RuleSet[]): RuleRef[] {
  return ruleSets.flatMap((ruleSet) =>
    ruleSet.tables.flatMap((table) =>
      table.chains.flatMap((chain) => {
        const place = { ruleSet, table, chain };
        const ending = chain.rules.filter(({ actions }) => actions.some(({ kind }) => kind === 'drop' || kind === 'reject')).map((rule) => refOf(place, rule));
        return chain.base?.policy === 'drop' ? [...ending, policyRef({ ...place, base: chain.base, priority: chain.base.priority })] : ending;
      }),
    ),
  );
}

function chainText(chain: Chain): string {
  return [chain.base?.policy ?? '-', ...chain.rules.map(({ text, handle }) => `${handle ?? ''} ${text}`)].join('\n');
}

function fell(earlier: Chain, later: Chain): boolean {
  return later.rules.some(({ counters }, at) => {
    const before = earlier.rules[at]?.counters;
    return counters && before && (counters.packets < before.packets || counters.bytes < before.bytes);
  });
}
