import type { Match } from '../../model/ruleset/matches.ts';
import type { Action, Counters, FilterRule } from '../../model/ruleset/rules.ts';
import type { PrintedRules } from '../chains/lazy-chain.ts';
import type { ListedRules } from '../nft/listed-rules.ts';
import { everyAddress } from '../nft/values.ts';

/**
 * The rules of one chain that both iptables-nft and nft printed. Only iptables prints what its own modules do. For
 * every other rule nft says more: iptables-nft up to 1.8.11 leaves out what it does not know, such as `ip saddr { … }`,
 * and prints a counter where there is none.
 */
export class JoinedRules implements PrintedRules {
  readonly #saved: PrintedRules;
  readonly #listed: ListedRules;

  /** @param saved may hold fewer rules: those before one that iptables cannot print */
  constructor(saved: PrintedRules, listed: ListedRules) {
    this.#saved = saved;
    this.#listed = listed;
  }

  get size(): number {
    return this.#listed.size;
  }

  read(at: number): FilterRule {
    const saved = at < this.#saved.size ? this.#saved.read(at) : null;
    if (saved && this.#listed.usesExtensions(at)) return saved;
    const listed = this.#listed.read(at);
    return saved && sameMeaning(saved, listed) ? { ...saved, counters: listed.counters } : listed;
  }

  printed(at: number): string {
    return this.#source(at).printed(at);
  }

  identity(at: number): string {
    return this.#source(at).identity(at);
  }

  counters(at: number): Counters | null {
    return this.#source(at).counters(at);
  }

  leading(at: number): readonly Match[] {
    return this.#source(at).leading(at);
  }

  whole(): null {
    return null;
  }

  #source(at: number): PrintedRules {
    return at < this.#saved.size && this.#listed.usesExtensions(at) ? this.#saved : this.#listed;
  }
}

function sameMeaning(a: FilterRule, b: FilterRule): boolean {
  return meaningOf(a) === meaningOf(b);
}

/** Returns what the rule asks and does, without its words and without conditions that always hold. */
function meaningOf({ matches, actions }: FilterRule): string {
  const asked = matches.filter((match) => !holdsAlways(match)).map((match) => withoutText(match));
  return JSON.stringify([[...new Set(asked)].toSorted(), actions.map(withoutText)]);
}

function withoutText(part: Match | Action): string {
  return JSON.stringify(part, (key, value: unknown) => (key === 'text' ? undefined : value));
}

function holdsAlways(match: Match): boolean {
  return (
    match.kind === 'address' &&
    !match.negated &&
    match.ranges.some(({ from, to }) => from === everyAddress.ip.from && to === everyAddress.ip.to)
  );
}
