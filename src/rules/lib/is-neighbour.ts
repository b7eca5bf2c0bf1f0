import { addressRange, rangeHolds } from '../../model/addresses.ts';
import type { Link } from '../../model/network.ts';

/** Does one of the node's own networks hold the address? As CrossSubnet asks. */
export function isNeighbour(links: readonly Link[], address: string): boolean {
  return links.some(({ addresses }) =>
    addresses.some((own) => {
      const network = own.prefixLength < 32 ? addressRange(`${own.address}/${own.prefixLength}`) : null;
      return network !== null && rangeHolds(network, address);
    }),
  );
}
