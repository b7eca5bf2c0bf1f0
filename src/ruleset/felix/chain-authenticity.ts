import type { ChainAuthenticity } from '../../model/ruleset/authenticity.ts';
import type { RuleSet } from '../../model/ruleset/rules.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import { findRule } from '../chains/find-rule.ts';
import { authenticateChain } from './rule-tags.ts';

/** Authenticates the chain that a rule stands in; null where the chain is not in the rule sets. */
export function chainAuthenticity(ruleSets: readonly RuleSet[], ref: RuleRef): ChainAuthenticity | null {
  const found = findRule(ruleSets, ref);
  return found && authenticateChain(ref.backend, ref.table, found.chain);
}
