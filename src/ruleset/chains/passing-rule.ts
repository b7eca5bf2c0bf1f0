import type { Match } from '../../model/ruleset/matches.ts';
import type { Action, Chain, Counters, FilterRule, RuleSet, Table } from '../../model/ruleset/rules.ts';
import { chainNamed } from './chain-index.ts';
import { findChain, type RulePlace } from './find-rule.ts';
import { LazyChain, printedRules, type PrintedRules } from './lazy-chain.ts';

/**
 * Returns the rule sets with one rule or chain policy that lets packets pass where it ended them, so that a walk meets
 * what stands behind it.
 * @param how `miss`: the packet goes on at the next rule; `accept`: it goes on as what Calico accepts
 */
export function letPass(ruleSets: readonly RuleSet[], ref: RulePlace, how: 'miss' | 'accept'): readonly RuleSet[] {
  const found = findChain(ruleSets, ref);
  if (!found) return ruleSets;
  const { table: own, chain: ended } = found;
  const passing = passingChain(ended, ref.index, how === 'accept' ? acceptingActions(own, ended) : []);
  return ruleSets.map((ruleSet) => ({
    ...ruleSet,
    tables: ruleSet.tables.map((table) =>
      table.chains.includes(ended)
        ? { ...table, chains: table.chains.map((chain) => (chain === ended ? passing : chain)) }
        : table,
    ),
  }));
}

/**
 * Calico marks what it accepts and returns: rules of others may stand before the one that accepts by the mark. Without
 * a mark, as up to v3.14 or outside its filter chains, the packet leaves the base chain.
 */
function acceptingActions(table: Table, ended: Chain): readonly Action[] {
  const mark = isFilter(table, ended) ? acceptMark(table, ended) : null;
  return mark === null ? [{ kind: 'accept' }] : [{ kind: 'set-mark', value: mark, mask: mark }, { kind: 'return' }];
}

/** Felix's nftables are one table, whose chains bear the names of iptables' tables. */
function isFilter({ name }: Table, chain: Chain): boolean {
  return name === 'filter' || chain.name.startsWith('filter-');
}

const markReaders = ['cali-INPUT', 'cali-OUTPUT'].flatMap((name) => [name, `filter-${name}`]);

/** The bit by which Calico's rules know what its policies accepted. null: no rule asks for one. */
function acceptMark(table: Table, ended: Chain): number | null {
  const chains = [ended, ...markReaders.flatMap((name) => chainNamed(table, name) ?? [])];
  for (const { rules } of chains)
    for (const { tag, comments, matches } of rules) {
      if (tag === null || !comments.some((comment) => / accepted\b/.test(comment))) continue;
      const asked = matches.find((match) => match.kind === 'mark' && !match.negated);
      if (asked?.kind === 'mark' && asked.value !== 0) return asked.value;
    }
  return null;
}

function passingChain(chain: Chain, index: number, actions: readonly Action[]): Chain {
  const { name, base, counters } = chain;
  const printed = printedRules(chain);
  if (index > 0) return new LazyChain({ name, base, counters }, new PassingRules(printed, index - 1, actions));
  return new LazyChain({ name, base: base && { ...base, policy: 'accept' }, counters }, printed);
}

/** The rules of a chain, one of which does something else. */
class PassingRules implements PrintedRules {
  readonly #printed: PrintedRules;
  readonly #at: number;
  readonly #actions: readonly Action[];

  constructor(printed: PrintedRules, at: number, actions: readonly Action[]) {
    this.#printed = printed;
    this.#at = at;
    this.#actions = actions;
  }

  get size(): number {
    return this.#printed.size;
  }

  read(at: number): FilterRule {
    const rule = this.#printed.read(at);
    return at === this.#at ? { ...rule, actions: this.#actions } : rule;
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
