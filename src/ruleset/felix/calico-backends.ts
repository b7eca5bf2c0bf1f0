import { isOfIp, type Backend } from '../../model/ruleset/places.ts';
import type { RuleSet, Table } from '../../model/ruleset/rules.ts';
import { chainNamed } from '../chains/chain-index.ts';

/** Returns the backends in which the kernel's FORWARD leads through Calico's chain. In eBPF mode there is none. */
export function calicoBackends(ruleSets: readonly RuleSet[]): readonly Backend[] {
  const found = filterTables(ruleSets).filter(({ table, prefix }) =>
    chainNamed(table, `${prefix}FORWARD`)?.rules.some(({ actions }) =>
      actions.some(
        (action) => (action.kind === 'jump' || action.kind === 'goto') && action.chain === `${prefix}cali-FORWARD`,
      ),
    ),
  );
  return [...new Set(found.map(({ backend }) => backend))];
}

/** Does any table that packets meet hold a chain of Calico's, in use or not? */
export function hasCalicoChains(ruleSets: readonly RuleSet[]): boolean {
  return ruleSets.some(({ tables }) =>
    tables.some(
      ({ family, name, chains }) =>
        isOfIp(family) && (name === 'calico' || chains.some((chain) => chain.name.startsWith('cali-'))),
    ),
  );
}

/** Does Calico have chains for this interface in the backend? A chain's name always has room for an interface's. */
export function knowsInterface(ruleSets: readonly RuleSet[], backend: Backend, name: string): boolean {
  return filterTables(ruleSets).some(
    (one) => one.backend === backend && chainNamed(one.table, `${one.prefix}cali-tw-${name}`) !== undefined,
  );
}

interface FilterTable {
  readonly backend: Backend;
  readonly table: Table;
  /** The prefix of the layer's chain names. */
  readonly prefix: string;
}

function filterTables(ruleSets: readonly RuleSet[]): readonly FilterTable[] {
  return ruleSets.flatMap(({ backend, tables }) => {
    const [name, prefix] = backend === 'nftables' ? ['calico', 'filter-'] : ['filter', ''];
    return tables
      .filter((table) => isOfIp(table.family) && table.name === name)
      .map((table) => ({ backend, table, prefix }));
  });
}
