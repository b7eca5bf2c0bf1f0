import type { Match } from '../../model/ruleset/matches.ts';
import type { Chain, Counters, FilterRule, RuleSet } from '../../model/ruleset/rules.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import { findChain } from './find-rule.ts';
import { LazyChain, printedRules, type PrintedRules } from './lazy-chain.ts';

/**
 * Returns the rule sets with one rule or chain policy that lets packets pass where it ended them, so that a walk meets
 * what stands behind it.
 * @param how `miss`: the packet goes on at the next rule; `accept`: it leaves the base chain, as what Calico accepts
 */
export function letPass(ruleSets: readonly RuleSet[], ref: RuleRef, how: 'miss' | 'accept'): readonly RuleSet[] {
  const ended = findChain(ruleSets, ref)?.chain;
  if (!ended) return ruleSets;
  const passing = passingChain(ended, ref.index, how);
  return ruleSets.map((ruleSet) => ({
    ...ruleSet,
    tables: ruleSet.tables.map((table) =>
      table.chains.includes(ended)
        ? { ...table, chains: table.chains.map((chain) => (chain === ended ? passing : chain)) }
        : table,
    ),
  }));
}

function passingChain(chain: Chain, index: number, how: 'miss' | 'accept'): Chain {
  const { name, base, counters } = chain;
  const printed = printedRules(chain);
  if (index > 0) return new LazyChain({ name, base, counters }, new PassingRules(printed, index - 1, how));
  return new LazyChain({ name, base: base && { ...base, policy: 'accept' }, counters }, printed);
}

/** The rules of a chain, one of which does something else. */
class PassingRules implements PrintedRules {
  readonly #printed: PrintedRules;
  readonly #at: number;
  readonly #how: 'miss' | 'accept';

  constructor(printed: PrintedRules, at: number, how: 'miss' | 'accept') {
    this.#printed = printed;
    this.#at = at;
    this.#how = how;
  }

  get size(): number {
    return this.#printed.size;
  }

  read(at: number): FilterRule {
    const rule = this.#printed.read(at);
    return at === this.#at ? { ...rule, actions: this.#how === 'accept' ? [{ kind: 'accept' }] : [] } : rule;
  }

  printed(at: number): string {
    return this.#printed.printed(at);
  }

  identity(at: number): string {
    return this.#printed.identity(at);
  }

  counters(at: number): Counters | null {
    return this.#printed.counters(at);
  }

  leading(at: number): readonly Match[] {
    return this.#printed.leading(at);
  }

  whole(): string | null {
    return this.#printed.whole();
  }
}
