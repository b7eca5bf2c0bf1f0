import type { Chain, Rule, RuleRef, RuleSet, Table } from '../model/ruleset.ts';

/** The chain that a reference points into, and its rule (null for a policy, or where the chain is shorter now). */
export function findRule(ruleSets: readonly RuleSet[], ref: Pick<RuleRef, 'backend' | 'family' | 'table' | 'chain' | 'index'>): { readonly table: Table; readonly chain: Chain; readonly rule: Rule | null } | null {
  for (const { backend, tables } of ruleSets) {
    if (backend !== ref.backend) continue;
    const table = tables.find(({ family, name }) => family === ref.family && name === ref.table);
    const chain = table?.chains.find(({ name }) => name === ref.chain);
    if (table && chain) return { table, chain, rule: chain.rules[ref.index - 1] ?? null };
  }
  return null;
}
