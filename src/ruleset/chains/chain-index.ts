import type { Chain, Table } from '../../model/ruleset/rules.ts';

const byTable = new WeakMap<Table, ReadonlyMap<string, Chain>>();

/** Finds a chain of a table by name; a table of many chains is indexed once. */
export function chainNamed(table: Table, name: string): Chain | undefined {
  let chains = byTable.get(table);
  if (!chains) {
    // Of two chains with one name, the first counts.
    chains = new Map(table.chains.toReversed().map((chain) => [chain.name, chain]));
    byTable.set(table, chains);
  }
  return chains.get(name);
}
