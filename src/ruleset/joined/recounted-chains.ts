/**
 * Counts again in a large rule set: nft lists only the chains that a packet enters, and they replace those that a save
 * printed.
 */
import type { Chain, RuleSet, Table } from '../../model/ruleset/rules.ts';
import { isRefused, type WalkEnd, type WalkResult } from '../../model/ruleset/walk.ts';
import { findChain } from '../chains/find-rule.ts';
import { LazyChain, printedRules, sizeOf } from '../chains/lazy-chain.ts';
import { ListedRules } from '../nft/listed-rules.ts';
import { RecountedRules } from './recounted-rules.ts';

/** Where a chain is, as nft is asked for it. */
export interface ChainAddress {
  readonly backend: RuleSet['backend'];
  readonly family: Table['family'];
  readonly table: string;
  readonly chain: string;
}

/** Up to this number of rules, all chains are read again, which also shows other rules that count. */
const mostReadWhole = 5000;
/** nft prints a rule in six times the bytes of a save. */
const mostListed = 3000;

/**
 * Returns the chains that the walks enter, if reading everything again costs more than it shows; null: read everything.
 * Only a save has the counter of an iptables-nft policy.
 */
export function chainsToRecount(
  ruleSets: readonly RuleSet[],
  walks: readonly WalkResult[],
): readonly ChainAddress[] | null {
  const isLarge = sum(ruleSets.flatMap(({ tables }) => tables.flatMap(({ chains }) => chains))) > mostReadWhole;
  if (!isLarge) return null;
  const ends = walks.flatMap((walk): readonly WalkEnd[] => [
    walk,
    ...walk.ends.filter(({ decision }) => isRefused(decision)),
  ]);
  const places = ends.flatMap(({ rule, path, trail }) => [...(rule ? [rule] : []), ...path, ...trail]);
  if (places.some(({ backend }) => backend === 'iptables-legacy') || ends.some(({ rule }) => rule?.index === 0))
    return null;
  const wanted = new Map(
    places.map(({ backend, family, table, chain }) => [
      `${family} ${table} ${chain}`,
      { backend, family, table, chain },
    ]),
  );
  const found = [...wanted.values()].flatMap((one) => findChain(ruleSets, { ...one, index: 0 })?.chain ?? []);
  return sum(found) > mostListed ? null : [...wanted.values()];
}

function sum(chains: readonly Chain[]): number {
  return chains.reduce((all, chain) => all + sizeOf(chain), 0);
}

/**
 * Returns a first reading with chains that were listed again: `first` with its own counters, `now` with those of the
 * listing; null: a chain is not as it was, or is not among those listed.
 */
export function recounted(
  ruleSets: readonly RuleSet[],
  wanted: readonly ChainAddress[],
  listed: readonly RuleSet[],
): { readonly first: readonly RuleSet[]; readonly now: readonly RuleSet[] } | null {
  const changed = new Map<Chain, { readonly first: Chain; readonly now: Chain }>();
  for (const one of wanted) {
    const before = findChain(ruleSets, { ...one, index: 0 })?.chain;
    const after = findChain(listed, { ...one, backend: 'nftables', index: 0 })?.chain;
    const rules = after && printedRules(after);
    if (!before || !(rules instanceof ListedRules) || rules.size !== sizeOf(before)) return null;
    changed.set(before, {
      first: one.backend === 'nftables' ? before : withRules(before, rules, 'saved'),
      now: one.backend === 'nftables' ? new LazyChain(before, rules) : withRules(before, rules, 'listed'),
    });
  }
  const taking = (which: 'first' | 'now') =>
    ruleSets.map((ruleSet): RuleSet => ({
      ...ruleSet,
      tables: ruleSet.tables.map((table) => ({
        ...table,
        chains: table.chains.map((chain) => changed.get(chain)?.[which] ?? chain),
      })),
    }));
  return { first: taking('first'), now: taking('now') };
}

function withRules(chain: Chain, listed: ListedRules, counted: 'saved' | 'listed'): Chain {
  return new LazyChain(chain, new RecountedRules(printedRules(chain), listed, counted));
}
