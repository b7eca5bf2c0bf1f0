import type { KnownNames, Owner } from '../../model/ruleset/owner.ts';
import type { RuleSet } from '../../model/ruleset/rules.ts';
import type { RuleRef, WalkEnd } from '../../model/ruleset/walk.ts';
import { ownerOf } from '../felix/chain-owner.ts';
import { authenticateChain } from '../felix/rule-tags.ts';
import { writerOf } from '../foreign-writers.ts';
import { findRule } from '../chains/find-rule.ts';

/**
 * Returns the owner of the chain whose rule decided: the ending rule, or for an accept by mark the rule that set the
 * mark.
 */
export function ownerOfEnd(ruleSets: readonly RuleSet[], end: WalkEnd, names?: KnownNames): Owner | null {
  const decided = end.decision === 'accept' ? (end.markedBy ?? end.rule) : end.rule;
  return decided ? ownerOfRule(ruleSets, decided, names) : null;
}

/**
 * Returns the owner of a rule's chain; in a chain of the kernel, the rule's own. Felix's rules are known by their tags,
 * which nobody else's can have, other rules by their words.
 */
function ownerOfRule(ruleSets: readonly RuleSet[], ref: RuleRef, names?: KnownNames): Owner | null {
  const found = findRule(ruleSets, ref);
  if (!found) return null;
  const { table, chain, rule } = found;
  const owner = ownerOf(table, ref.chain, rule, names);
  if (owner.kind !== 'foreign') return owner;
  const isFelix =
    ref.index > 0 &&
    ref.tag !== null &&
    authenticateChain(ref.backend, ref.table, chain).rules[ref.index - 1] === 'genuine';
  if (isFelix) return { ...owner, kind: 'calico-static' };
  const writer = writerOf(table, ref.chain, rule);
  return writer === null ? owner : { ...owner, writer };
}
