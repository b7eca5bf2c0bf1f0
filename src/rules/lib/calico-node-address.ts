import type { CalicoNodeLookup } from '../../model/calico.ts';

/**
 * Returns the IPv4 address that Calico holds of a node, without a prefix length.
 * @returns null: it holds none; undefined: its datastore has no node of this name, or was not asked
 */
export function heldAddress(lookups: readonly CalicoNodeLookup[], node: string): string | null | undefined {
  const object = lookups.find((lookup) => lookup.node === node)?.object;
  if (!object) return undefined;
  const address: unknown = object.spec?.bgp?.ipv4Address;
  return typeof address === 'string' && address !== '' ? (address.split('/')[0] ?? null) : null;
}
