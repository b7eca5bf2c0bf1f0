import type { Match } from '../../model/ruleset/matches.ts';
import type { BaseChain, Chain, Counters, FilterRule } from '../../model/ruleset/rules.ts';

/** A chain's rules as a reader printed them. Places count from 0. */
export interface PrintedRules {
  readonly size: number;
  /** Parses one rule. */
  read(at: number): FilterRule;
  /** All that the reader printed of the rule, counters included. */
  printed(at: number): string;
  /** The rule's text and handle, without counters: equal for the same rule in another snapshot. */
  identity(at: number): string;
  counters(at: number): Counters | null;
  /** Conditions that can be read without the rest of the rule. If one fails, the rule does not match. */
  leading(at: number): readonly Match[];
  /** All of `printed` in one piece; null: making it would cost more than it saves. */
  whole(): string | null;
}

/**
 * A chain that parses its rules on first use: a walk enters few of a node's chains, and a save may hold a hundred
 * thousand rules. Never spread it: `rules` is a getter, which a spread loses.
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

  /** Parses one rule alone. */
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

/**
 * Returns conditions of a rule that cost less to read than the rule; none if it was read before. Places count from 0.
 */
export function leadingMatches(chain: Chain, at: number): readonly Match[] {
  return chain instanceof LazyChain && !chain.hasRead(at) ? chain.printed.leading(at) : none;
}
const none: readonly Match[] = [];

/** Returns the number of a chain's rules. Parses none. */
export function sizeOf(chain: Chain): number {
  return chain instanceof LazyChain ? chain.printed.size : chain.rules.length;
}

/** Returns the chain's rule at a place that counts from 1, as `Rule.index` does; null: it has none there. */
export function ruleAt(chain: Chain, index: number): FilterRule | null {
  return chain instanceof LazyChain ? chain.rule(index - 1) : (chain.rules[index - 1] ?? null);
}

/** Returns the chain's rules as printed, to compare snapshots without parsing them. */
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
