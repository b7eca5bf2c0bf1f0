import type { Backend } from '../../model/ruleset/places.ts';
import type { Chain, FilterRule, RuleSet, Table } from '../../model/ruleset/rules.ts';
import { withoutLayer } from '../../calico/chain-names.ts';

/**
 * Returns the rule sets as if Calico had no rule in this backend: nothing leads into its chains; others' rules stay.
 */
export function withoutCalico(ruleSets: readonly RuleSet[], backend: Backend): readonly RuleSet[] {
  return ruleSets.map((ruleSet) =>
    ruleSet.backend === backend ? { ...ruleSet, tables: ruleSet.tables.map(withoutHooks) } : ruleSet,
  );
}

function withoutHooks(table: Table): Table {
  return { ...table, chains: table.chains.map(withoutHook) };
}

function withoutHook(chain: Chain): Chain {
  if (!chain.base || !chain.rules.some(isFelixs)) return chain;
  const { name, base, counters, rules } = chain;
  // Every rule keeps its place, because references are by place.
  return { name, base, counters, rules: rules.map((rule) => (isFelixs(rule) ? { ...rule, actions: [] } : rule)) };
}

/** Does the rule lead into a chain of Calico's, or carry a tag, as rules do that Felix appends? */
function isFelixs({ tag, actions }: FilterRule): boolean {
  return (
    tag !== null ||
    actions.some(
      (action) => (action.kind === 'jump' || action.kind === 'goto') && withoutLayer(action.chain).startsWith('cali-'),
    )
  );
}
