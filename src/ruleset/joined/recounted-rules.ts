import type { Match } from '../../model/ruleset/matches.ts';
import type { Counters, FilterRule } from '../../model/ruleset/rules.ts';
import type { PrintedRules } from '../chains/lazy-chain.ts';
import type { ListedRules } from '../nft/listed-rules.ts';

/**
 * The rules of one chain as a save printed them, each with the handle under which nft lists it later. So a chain that
 * was rewritten in between is not taken for the same one.
 */
export class RecountedRules implements PrintedRules {
  readonly #saved: PrintedRules;
  readonly #listed: ListedRules;
  readonly #counted: PrintedRules;

  /** @param counted which of the two gives the counters; both have as many rules */
  constructor(saved: PrintedRules, listed: ListedRules, counted: 'saved' | 'listed') {
    this.#saved = saved;
    this.#listed = listed;
    this.#counted = counted === 'saved' ? saved : listed;
  }

  get size(): number {
    return this.#saved.size;
  }

  read(at: number): FilterRule {
    return { ...this.#saved.read(at), counters: this.counters(at) };
  }

  printed(at: number): string {
    return `${JSON.stringify(this.counters(at))} ${this.identity(at)}`;
  }

  identity(at: number): string {
    return `${this.#listed.handle(at)} ${this.#saved.identity(at)}`;
  }

  /** None where nft lists none: iptables-nft prints zeros for a rule that does not count. */
  counters(at: number): Counters | null {
    return this.#listed.counters(at) === null ? null : this.#counted.counters(at);
  }

  leading(at: number): readonly Match[] {
    return this.#saved.leading(at);
  }

  whole(): null {
    return null;
  }
}
