import type { Link } from './network.ts';

/** Returns the Ethernet address of the interface that has the address; null: it is not known. */
export function cardWith(links: readonly Link[], address: string | null): string | null {
  const card = links.find(({ addresses }) => addresses.some((one) => one.address === address));
  return card?.linkAddress ?? null;
}
