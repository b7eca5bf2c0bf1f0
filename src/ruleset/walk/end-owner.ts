import type { KnownNames, Owner } from '../../model/ruleset/owner.ts';
import type { RuleSet } from '../../model/ruleset/rules.ts';
import type { RuleRef, WalkEnd } from '../../model/ruleset/walk.ts';
import { ownerOf } from '../felix/chain-owner.ts';
import { findRule } from '../chains/find-rule.ts';

/** The owner of the chain whose rule decided: the ending rule's, or for an accept by mark that of the rule which set the mark. */
export function ownerOfEnd(ruleSets: readonly RuleSet[], end: WalkEnd, names?: KnownNames): Owner | null {
  const decided = end.decision === 'accept' ? (end.markedBy ?? end.rule) : end.rule;
  return decided ? ownerOfRule(ruleSets, decided, names) : null;
}

function ownerOfRule(ruleSets: readonly RuleSet[], ref: RuleRef, names?: KnownNames): Owner | null {
  const found = findRule(ruleSets, ref);
  return found ? ownerOf(found.table, ref.chain, found.rule, names) : null;
}
