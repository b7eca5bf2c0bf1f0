import type { ChainAuthenticity, RuleRef, RuleSet } from '../../model/ruleset.ts';
import { findRule } from '../chains/find-rule.ts';
import { authenticateChain } from './rule-tags.ts';

/** Authenticates the chain that a rule stands in; null where the chain is not in the rule sets. */
export function chainAuthenticity(ruleSets: readonly RuleSet[], ref: RuleRef): ChainAuthenticity | null {
  const found = findRule(ruleSets, ref);
  return found && authenticateChain(ref.backend, ref.table, found.chain);
}
