import type { AddressFamily } from '../../model/addresses.ts';
import type { CalicoNodeLookup } from '../../model/calico.ts';

/**
 * Returns the address of the family that Calico holds of a node, without a prefix length.
 * @returns null: it holds none; undefined: its datastore has no node of this name, or was not asked
 */
export function heldAddress(
  lookups: readonly CalicoNodeLookup[],
  node: string,
  family: AddressFamily,
): string | null | undefined {
  const object = lookups.find((lookup) => lookup.node === node)?.object;
  if (!object) return undefined;
  const { ipv4Address, ipv6Address } = object.spec?.bgp ?? {};
  const address: unknown = family === 6 ? ipv6Address : ipv4Address;
  return typeof address === 'string' && address !== '' ? (address.split('/')[0] ?? null) : null;
}
