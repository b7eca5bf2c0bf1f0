import type { IPPool } from '../model/calico.ts';
import { addressRange, rangeHolds } from '../model/addresses.ts';

/** The pool that holds an address, null where none does. */
export function poolOf(pools: readonly IPPool[], address: string): IPPool | null {
  return (
    pools.find((pool) => {
      const range = addressRange(pool.spec.cidr);
      return range !== null && rangeHolds(range, address);
    }) ?? null
  );
}
