import type { Family, Hook } from '../../model/ruleset/places.ts';
import type { BaseChain, Chain, RuleSet, Table } from '../../model/ruleset/rules.ts';
import { addressValue } from '../../model/addresses.ts';
import { natPriority } from './hooks.ts';
import { sizeOf } from '../chains/lazy-chain.ts';

/** A chain in its table and rule set. */
export interface ChainPlace {
  readonly ruleSet: RuleSet;
  readonly table: Table;
  readonly chain: Chain;
}
export interface BasePlace extends ChainPlace {
  readonly base: BaseChain;
  /** Its place in the hook: its priority, but for nat chains that of address rewriting. */
  readonly priority: number;
}

/**
 * Returns the orders in which the kernel may call the base chains of a hook for a packet of this address family: by
 * priority over all backends, tables and families. No save tells the order of chains of equal priority (the one
 * registered last comes first), so there is one order for each possibility, at most 6. Chains that change nothing keep
 * their place.
 * @param device the interface that the packet comes in by (PREROUTING) or leaves by (POSTROUTING)
 */
export function hookOrders(
  ruleSets: readonly RuleSet[],
  hook: Hook,
  address: string,
  device: string | null,
): BasePlace[][] {
  const families: readonly Family[] = [addressValue(address)?.width === 128 ? 'ip6' : 'ip', 'inet', 'netdev'];
  const places = basePlaces(withoutDoubles(ruleSets))
    .filter(({ base, table }) => base.hook === hook && families.includes(table.family) && seesDevice(base, device))
    .toSorted((a, b) => a.priority - b.priority || natRank(a) - natRank(b));
  const ties = Object.values(Object.groupBy(places, (place) => `${place.priority} ${natRank(place)}`)).flatMap((tie) =>
    tie ? [tie] : [],
  );
  let orders: BasePlace[][] = [[]];
  for (const tie of ties) {
    const idle = tie.filter(({ chain, base }) => sizeOf(chain) === 0 && base.policy === 'accept');
    const idly = new Set(idle);
    const busy = tie.filter((place) => !idly.has(place));
    orders = orders.flatMap((order) => permutations(busy).map((some) => [...order, ...idle, ...some])).slice(0, 6);
  }
  return orders;
}

function seesDevice({ devices }: BaseChain, device: string | null): boolean {
  return (
    !devices ||
    devices.some(
      (name) => device !== null && (name.endsWith('*') ? device.startsWith(name.slice(0, -1)) : device === name),
    )
  );
}

function basePlaces(ruleSets: readonly RuleSet[]): BasePlace[] {
  return ruleSets.flatMap((ruleSet) =>
    ruleSet.tables.flatMap((table) =>
      table.chains.flatMap((chain) => {
        const { base } = chain;
        if (!base) return [];
        return [
          { ruleSet, table, chain, base, priority: base.type === 'nat' ? natPriority(base.hook) : base.priority },
        ];
      }),
    ),
  );
}

/** nft also lists the tables that iptables-nft manages. If both were read, iptables' own reader is more exact. */
export function withoutDoubles(ruleSets: readonly RuleSet[]): RuleSet[] {
  const managed = new Set(
    ruleSets.filter(({ backend }) => backend === 'iptables-nft').flatMap(({ tables }) => tables.map(tableKey)),
  );
  return ruleSets.map((ruleSet) =>
    ruleSet.backend === 'nftables'
      ? { ...ruleSet, tables: ruleSet.tables.filter((table) => !managed.has(tableKey(table))) }
      : ruleSet,
  );
}

function tableKey({ family, name }: Table): string {
  return `${family} ${name}`;
}

/** Nat chains of one hook run together, by their own priorities. */
function natRank({ base }: BasePlace): number {
  return base.type === 'nat' ? base.priority : 0;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  if (items.length > 3) return [[...items], [...items].toReversed()];
  return items.flatMap((first, at) => permutations(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}
