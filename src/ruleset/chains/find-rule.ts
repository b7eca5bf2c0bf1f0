import type { Chain, FilterRule, RuleSet, Table } from '../../model/ruleset/rules.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import { chainNamed } from './chain-index.ts';
import { ruleAt } from './lazy-chain.ts';

/** A place in a node's rule sets; index 0 is a base chain's policy. */
export type RulePlace = Pick<RuleRef, 'backend' | 'family' | 'table' | 'chain' | 'index'>;

/** Returns the table and chain that a reference points into; null where they are not there. Parses no rule. */
export function findChain(
  ruleSets: readonly RuleSet[],
  ref: RulePlace,
): { readonly table: Table; readonly chain: Chain } | null {
  for (const { backend, tables } of ruleSets) {
    if (backend !== ref.backend) continue;
    const table = tables.find(({ family, name }) => family === ref.family && name === ref.table);
    const chain = table && chainNamed(table, ref.chain);
    if (table && chain) return { table, chain };
  }
  return null;
}

/** Returns the chain that a reference points into, and its rule; null for a policy, or if the chain is shorter now. */
export function findRule(
  ruleSets: readonly RuleSet[],
  ref: RulePlace,
): { readonly table: Table; readonly chain: Chain; readonly rule: FilterRule | null } | null {
  const found = findChain(ruleSets, ref);
  return found && { ...found, rule: ruleAt(found.chain, ref.index) };
}
