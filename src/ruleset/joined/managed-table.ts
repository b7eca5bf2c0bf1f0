/**
 * Tables that carry iptables' names and live in nft. iptables-nft prints them, but leaves out base chains that are not
 * its own, refuses a whole table for one expression, ends at a rule that it cannot parse, and drops parts of rules
 * (iptables 1.8.9, iptables/nft.c and nft-shared.c). nft prints the rest.
 */
import type { Chain, FilterRule, Table } from '../../model/ruleset/rules.ts';
import { LazyChain, printedRules, sizeOf, type PrintedRules } from '../chains/lazy-chain.ts';
import type { ListedChain } from '../nft/chain-list.ts';
import { ListedRules } from '../nft/listed-rules.ts';
import { iptablesBase } from '../walk/hooks.ts';
import { JoinedRules } from './joined-rules.ts';

/**
 * More rules of a table are not read twice: nft prints a rule in six times the bytes of a save, and a proof reads five
 * times.
 */
const mostRules = 3000;

/** Returns the chains of a table that iptables-nft left out of its save: base chains that it did not make. */
export function leftOutChains(saved: Table, listed: readonly ListedChain[]): readonly string[] {
  const printed = new Set(saved.chains.map(({ name }) => name));
  return listed.filter((chain) => chain.base && !(printed.has(chain.name) && isBuiltIn(chain))).map(({ name }) => name);
}

/**
 * Returns the chains with a rule that may say more than iptables-nft printed: one without iptables' own modules. Base
 * chains come first, then small ones, because people write into these by hand. If there are too many rules, the other
 * chains stay as iptables-nft printed them.
 */
export function perhapsNativeChains(saved: Table): readonly string[] {
  let rules = 0;
  return saved.chains
    .filter((chain) => sizeOf(chain) > 0)
    .toSorted((a, b) => Number(!a.base) - Number(!b.base) || sizeOf(a) - sizeOf(b))
    .filter((chain) => {
      if (rules + sizeOf(chain) > mostRules || !holdsPerhapsNative(chain)) return false;
      rules += sizeOf(chain);
      return true;
    })
    .map(({ name }) => name);
}

function holdsPerhapsNative(chain: Chain): boolean {
  const rules = printedRules(chain);
  for (let at = 0; at < sizeOf(chain); at += 1) if (isPerhapsNative(rules.printed(at))) return true;
  return false;
}

/** Is it the chain that iptables builds in under this name? Of two such names iptables prints that one only. */
function isBuiltIn({ table, name, base }: ListedChain): boolean {
  const own = iptablesBase(table, name, 'accept');
  return (
    own !== null &&
    base !== null &&
    base.hook === own.hook.toLowerCase() &&
    base.type === own.type &&
    (base.priority === null || base.priority === own.priority)
  );
}

/** Modules and targets that iptables-nft also prints for nft's own expressions. */
const otherModule = / -m (?!(?:tcp|udp|udplite|sctp|dccp|icmp|icmp6|mark|ttl|pkttype|limit)(?: |$))/;
const ownTarget = / -j (?:MARK|CONNMARK|REJECT|LOG|MASQUERADE|SNAT|DNAT|REDIRECT|NETMAP|CT|NOTRACK|SET|TCPMSS)(?: |$)/;

function isPerhapsNative(line: string): boolean {
  return !otherModule.test(line) && !ownTarget.test(line);
}

/**
 * Returns the chains that may lack rules in a save that ended too early: the last one that has any, and all behind it.
 * Rules are printed chain by chain, in the order in which the save declares the chains.
 */
export function unfinishedChains(saved: Table): readonly string[] {
  const last = saved.chains.findLastIndex((chain) => sizeOf(chain) > 0);
  return saved.chains.slice(Math.max(0, last)).map(({ name }) => name);
}

export interface ReadChains {
  /** The print of iptables-nft; null: it has nothing of this table. */
  readonly saved: Table | null;
  /** Names of the chains of it that may lack rules. */
  readonly unfinished: readonly string[];
  /** The chains that nft printed, of those that it was asked for. */
  readonly listed: Table | null;
  /** Names of the chains that iptables leaves out though it prints one of the same name. */
  readonly leftOut: readonly string[];
}

/** Returns the table that both readers together show. A chain that lacks rules is left out. */
export function joinTable(
  { family, name }: Pick<Table, 'family' | 'name'>,
  { saved, unfinished, listed, leftOut }: ReadChains,
): Table {
  const native = new Map((listed?.chains ?? []).map((chain) => [chain.name, chain]));
  const chains = (saved?.chains ?? []).flatMap((chain): Chain[] => {
    const other = native.get(chain.name);
    if (!other) return unfinished.includes(chain.name) ? [] : [chain];
    native.delete(chain.name);
    return leftOut.includes(chain.name) ? [other] : [joinChain(chain, other, unfinished.includes(chain.name))];
  });
  return { family, name, chains: [...chains, ...native.values()] };
}

function joinChain(saved: Chain, listed: Chain, unfinished: boolean): Chain {
  const [mine, others] = [printedRules(saved), printedRules(listed)];
  if (!(others instanceof ListedRules)) return saved;
  const fits = unfinished ? mine.size <= others.size : mine.size === others.size;
  // If the two answers differ, the chain changed in between: the one that is whole stands, the first of two.
  if (!fits || !isSameOrder(mine, others)) return unfinished ? listed : saved;
  return new LazyChain(
    { name: saved.name, base: listed.base ?? saved.base, counters: saved.counters },
    new JoinedRules(mine, others),
  );
}

/** Do both answers show the same rules at the same places, as far as verdicts tell? Felix moves its jumps. */
function isSameOrder(mine: PrintedRules, others: ListedRules): boolean {
  for (let at = 0; at < mine.size; at += 1) {
    const [saved, listed] = [verdictOf(mine.read(at)), verdictOf(others.read(at))];
    if (saved !== null && listed !== null && saved !== listed) return false;
  }
  return true;
}

const verdicts: ReadonlySet<string> = new Set(['accept', 'drop', 'reject', 'return', 'jump', 'goto']);

/** The kind of verdict and its chain; null: there is none, or it is not known. */
function verdictOf({ actions }: FilterRule): string | null {
  const action = actions.find(({ kind }) => verdicts.has(kind));
  if (action === undefined) return null;
  return 'chain' in action ? `${action.kind} ${action.chain}` : action.kind;
}

/**
 * Returns the open chains that base chains lead to and that hold a rule which only iptables-nft can print.
 * @param open those that its save does not hold whole
 */
export function chainsForIptables(listed: Table, saved: Table | null, open: readonly string[]): readonly string[] {
  const printed = new Map((saved?.chains ?? []).map((chain) => [chain.name, sizeOf(chain)]));
  const reached = reachedChains([...listed.chains, ...(saved?.chains ?? [])]);
  return listed.chains.flatMap((chain) => {
    const rules = printedRules(chain);
    if (!reached.has(chain.name) || !open.includes(chain.name) || !(rules instanceof ListedRules)) return [];
    for (let at = printed.get(chain.name) ?? 0; at < rules.size; at += 1)
      if (rules.usesExtensions(at)) return [chain.name];
    return [];
  });
}

/** Base chains, and what their rules lead to. Of two chains of one name the first counts. */
function reachedChains(chains: readonly Chain[]): ReadonlySet<string> {
  const byName = new Map(chains.toReversed().map((chain) => [chain.name, chain]));
  const reached = new Set(chains.filter(({ base }) => base).map(({ name }) => name));
  // A set goes on with what is added while it is read.
  for (const name of reached)
    for (const { actions } of byName.get(name)?.rules ?? [])
      for (const action of actions)
        if ((action.kind === 'jump' || action.kind === 'goto') && byName.has(action.chain)) reached.add(action.chain);
  return reached;
}
