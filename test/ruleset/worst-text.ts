/** A megabyte of the worst, and what a diagnosis does with it. */
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { ownerOf } from '../../src/ruleset/felix/chain-owner.ts';
import { authenticateChain } from '../../src/ruleset/felix/rule-tags.ts';
import { walkHook } from '../../src/ruleset/walk/walk-hook.ts';
import { anyTcp } from './rules-of.ts';

const megabyte = 1_000_000;
export const fill = (piece: string) => piece.repeat(Math.ceil(megabyte / piece.length));
export const many = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

/** Everything that a diagnosis asks of rule sets: parse, walk, know the owner, check the tags. */
export function through(ruleSet: RuleSet): void {
  const { rule } = walkHook([ruleSet], anyTcp, 'FORWARD');
  const [table] = ruleSet.tables;
  if (!table) return;
  for (const name of [rule?.chain ?? 'FORWARD', 'cali-tw-x', 'cali-pi-x', 'cali-gi-x']) ownerOf(table, name);
  const chain = table.chains.find(({ name }) => name === (rule?.chain ?? 'FORWARD'));
  if (chain) authenticateChain(ruleSet.backend, table.name, chain);
}
