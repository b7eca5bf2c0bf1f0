import type { Match } from '../../model/ruleset/matches.ts';
import type { Counters, FilterRule } from '../../model/ruleset/rules.ts';
import { leadingMatchesOf, lineCounters, parseRuleLine, ruleStart } from './rule.ts';
import type { PrintedRules } from '../chains/lazy-chain.ts';

/** The rules of one chain in the text of an iptables save, each parsed on first use. */
export class SavedRules implements PrintedRules {
  readonly #save: string;
  readonly #isChain: (name: string) => boolean;
  /** Start and end of each line. */
  readonly #lines: number[] = [];

  constructor(save: string, isChain: (name: string) => boolean) {
    this.#save = save;
    this.#isChain = isChain;
  }

  get size(): number {
    return this.#lines.length / 2;
  }

  /** Adds the line between two offsets of the save as the chain's next rule. */
  add(start: number, end: number): void {
    this.#lines.push(start, end);
  }

  read(at: number): FilterRule {
    return parseRuleLine(this.printed(at), at + 1, this.#isChain);
  }

  printed(at: number): string {
    return this.#save.slice(this.#lines[2 * at], this.#lines[2 * at + 1]);
  }

  identity(at: number): string {
    const line = this.printed(at);
    return line.slice(ruleStart(line));
  }

  counters(at: number): Counters | null {
    return lineCounters(this.printed(at));
  }

  leading(at: number): readonly Match[] {
    return leadingMatchesOf(this.printed(at));
  }

  /**
   * A save prints a chain's rules one after the other. If it does not, the piece also holds lines of other chains.
   */
  whole(): string {
    return this.#lines.length === 0 ? '' : this.#save.slice(this.#lines[0], this.#lines.at(-1));
  }
}
