import type { RuleSet } from '../../model/ruleset/rules.ts';
import type { PacketSet } from '../../model/ruleset/sets.ts';
import type { ChainPlace } from '../walk/hook-order.ts';

/**
 * Returns a finder of the set that a rule means: a native nftables rule means a set of its own table, every other rule
 * an ipset. A table of iptables-nft may hold rules of both kinds.
 */
export function setFinder(ruleSets: readonly RuleSet[]): (place: ChainPlace, name: string) => PacketSet | undefined {
  const byName = new Map(ruleSets.flatMap(({ sets }) => sets).map((set) => [keyOf(set), set]));
  return ({ ruleSet, table }, name) => {
    const own = ruleSet.backend === 'iptables-legacy' ? undefined : byName.get(`${table.family} ${table.name} ${name}`);
    return own ?? (ruleSet.backend === 'nftables' ? undefined : byName.get(name));
  };
}

function keyOf({ name, table }: PacketSet): string {
  return table ? `${table.family} ${table.name} ${name}` : name;
}
