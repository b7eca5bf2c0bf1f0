import type { Chain, Counters, RuleSet } from '../../model/ruleset/rules.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import { findChain, type RulePlace } from '../chains/find-rule.ts';
import { printedRules, ruleAt } from '../chains/lazy-chain.ts';
import { policyRef, refOf } from '../walk/walk-state.ts';

/** Returns the counters of a rule, or of a policy (index 0); null: it has none. */
export function countersOf(ruleSets: readonly RuleSet[], ref: RulePlace): Counters | null {
  const chain = findChain(ruleSets, ref)?.chain;
  if (!chain || ref.index === 0) return chain?.counters ?? null;
  const printed = printedRules(chain);
  return ref.index <= printed.size ? printed.counters(ref.index - 1) : null;
}

/** Returns by how much a rule's counters rose; null: one side has no counter. */
export function riseOf(before: readonly RuleSet[], after: readonly RuleSet[], ref: RulePlace): Counters | null {
  const from = countersOf(before, ref);
  const to = countersOf(after, ref);
  return from && to ? { packets: to.packets - from.packets, bytes: to.bytes - from.bytes } : null;
}

/**
 * Does the reference name the same rule in all snapshots: same place, same text, same chain around it, and no counter
 * in that chain that fell (a rewritten chain starts from zero)?
 * @returns null when it does, else why not
 */
export function sameRuleThroughout(snapshots: readonly (readonly RuleSet[])[], ref: RuleRef): string | null {
  const chains = snapshots.map((ruleSets) => findChain(ruleSets, ref)?.chain);
  for (const [at, chain] of chains.entries()) {
    if (!chain) return `the chain ${ref.chain} is missing in snapshot ${at + 1}`;
    if (ref.index > 0 && ruleAt(chain, ref.index)?.text !== ref.text)
      return `rule ${ref.index} of ${ref.chain} is another in snapshot ${at + 1}`;
    const earlier = chains[at - 1];
    if (!earlier) continue;
    const change = changeOf(earlier, chain);
    if (change === 'text') return `the chain ${ref.chain} changed between snapshots ${at} and ${at + 1}`;
    if (change === 'fell')
      return `a counter of ${ref.chain} fell between snapshots ${at} and ${at + 1}: it was rewritten`;
  }
  return null;
}

function changeOf(earlier: Chain, later: Chain): 'text' | 'fell' | null {
  const [before, after] = [printedRules(earlier), printedRules(later)];
  if (before.size !== after.size || (earlier.base?.policy ?? '-') !== (later.base?.policy ?? '-')) return 'text';
  const places = changedPlaces(earlier, later);
  if (places.some((at) => before.identity(at) !== after.identity(at))) return 'text';
  return places.some((at) => isLess(after.counters(at), before.counters(at))) ? 'fell' : null;
}

function isLess(later: Counters | null, earlier: Counters | null): boolean {
  return later !== null && earlier !== null && (later.packets < earlier.packets || later.bytes < earlier.bytes);
}

/** Returns the places (from 0) at which two snapshots of a chain differ. Compares texts only. */
function changedPlaces(earlier: Chain, later: Chain): number[] {
  const [before, after] = [printedRules(earlier), printedRules(later)];
  const whole = before.whole();
  if (whole !== null && whole === after.whole()) return [];
  return Array.from({ length: Math.min(before.size, after.size) }, (_, at) => at).filter(
    (at) => before.printed(at) !== after.printed(at),
  );
}

/**
 * Returns every rule and policy that drops or rejects packets and has other counters in another snapshot. Other rules
 * are not parsed: they did not rise.
 */
export function risenEnds(before: readonly RuleSet[], after: readonly RuleSet[]): RuleRef[] {
  return before.flatMap((ruleSet) =>
    ruleSet.tables.flatMap((table) =>
      table.chains.flatMap((chain) => {
        const later = findChain(after, {
          backend: ruleSet.backend,
          family: table.family,
          table: table.name,
          chain: chain.name,
          index: 0,
        })?.chain;
        if (!later) return [];
        const place = { ruleSet, table, chain };
        const changed = changedPlaces(chain, later).flatMap((at) => ruleAt(chain, at + 1) ?? []);
        const ending = changed
          .filter(({ actions }) => actions.some(({ kind }) => kind === 'drop' || kind === 'reject'))
          .map((rule) => refOf(place, rule));
        return chain.base?.policy === 'drop'
          ? [...ending, policyRef({ ...place, base: chain.base, priority: chain.base.priority })]
          : ending;
      }),
    ),
  );
}
