import type { Match } from '../../model/ruleset/matches.ts';
import type { BaseChain, Chain, Counters, FilterRule } from '../../model/ruleset/rules.ts';

/** A chain's rules as a reader printed them. Places count from 0. */
export interface PrintedRules {
  readonly size: number;
  /** Parses one rule. */
  read(at: number): FilterRule;
  /** Everything of the rule that the reader printed; what is printed alike has the same counters. */
  printed(at: number): string;
  /** What makes it the same rule in another snapshot: its text and handle, without counters. */
  identity(at: number): string;
  counters(at: number): Counters | null;
  /** Conditions of the rule that can be read without the rest of it; where one of them fails, the rule misses. */
  leading(at: number): readonly Match[];
  /** All of `printed` in one piece; null where that costs more than it saves. */
  whole(): string | null;
}

/**
 * A chain whose rules are parsed when they are first asked for: a walk enters few of a node's chains, and a save may
 * hold a hundred thousand rules. `rules` is not a property of its own, so a chain is passed on, never spread.
 */
export class LazyChain implements Chain {
  readonly name: string;
  readonly base: BaseChain | null;
  readonly counters: Counters | null;
  readonly #printed: PrintedRules;
  readonly #read: FilterRule[] = [];
  #rules: readonly FilterRule[] | null = null;

  constructor(head: Omit<Chain, 'rules'>, printed: PrintedRules) {
    this.name = head.name;
    this.base = head.base;
    this.counters = head.counters;
    this.#printed = printed;
  }

  get printed(): PrintedRules {
    return this.#printed;
  }

  get rules(): readonly FilterRule[] {
    this.#rules ??= Array.from({ length: this.#printed.size }, (_, at) => this.#read[at] ?? this.#printed.read(at));
    return this.#rules;
  }

  /** One rule, without those around it. */
  rule(at: number): FilterRule | null {
    if (this.#rules) return this.#rules[at] ?? null;
    if (at < 0 || at >= this.#printed.size) return null;
    return (this.#read[at] ??= this.#printed.read(at));
  }

  hasRead(at: number): boolean {
    return this.#rules !== null || this.#read[at] !== undefined;
  }

  toJSON(): Chain {
    const { name, base, counters, rules } = this;
    return { name, base, counters, rules };
  }
}

/** Conditions of the rule at a place from 0 that cost less to read than the rule; none where it was read already. */
export function leadingMatches(chain: Chain, at: number): readonly Match[] {
  return chain instanceof LazyChain && !chain.hasRead(at) ? chain.printed.leading(at) : none;
}
const none: readonly Match[] = [];

/** The number of a chain's rules; asking parses none. */
export function sizeOf(chain: Chain): number {
  return chain instanceof LazyChain ? chain.printed.size : chain.rules.length;
}

/** The chain's rule at a place that counts from 1, as `Rule.index` does; null where it has none. */
export function ruleAt(chain: Chain, index: number): FilterRule | null {
  return chain instanceof LazyChain ? chain.rule(index - 1) : (chain.rules[index - 1] ?? null);
}

/** The chain's rules as printed, to compare snapshots without parsing them. */
export function printedRules(chain: Chain): PrintedRules {
  if (chain instanceof LazyChain) return chain.printed;
  const { rules } = chain;
  const at = (place: number): FilterRule => {
    const rule = rules[place];
    if (!rule) throw new RangeError(`chain ${chain.name} has no rule ${place}`);
    return rule;
  };
  const identity = (place: number) => `${at(place).handle ?? ''} ${at(place).text}`;
  return {
    size: rules.length,
    read: at,
    identity,
    printed: (place) => `${JSON.stringify(at(place).counters)} ${identity(place)}`,
    counters: (place) => at(place).counters,
    leading: () => none,
    whole: () => null,
  };
}
