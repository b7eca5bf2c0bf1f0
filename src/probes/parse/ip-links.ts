import type { Link } from '../../model/network.ts';
import { parseJson } from './json.ts';

interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags?: readonly string[];
  readonly mtu: number;
  readonly operstate?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly link_netnsid?: number;
  readonly link_netns?: string;
  readonly link_index?: number;
  readonly addr_info?: readonly { readonly family?: string; readonly local?: string; readonly prefixlen?: number }[];
}

/** Parses `ip -j netns list`: the names of network namespaces by the id that links know them by. */
export function parseNamespaces(text: string): ReadonlyMap<number, string> {
  if (text.trim() === '') return new Map();
  const list = parseJson(text, 'ip -j netns') as readonly { readonly name: string; readonly id?: number }[];
  return new Map(list.flatMap(({ name, id }) => (id === undefined ? [] : [[id, name] as const])));
}

/**
 * Parses `ip -j -d addr show`. Its JSON knows a veth's peer namespace by id only (`ip` without -j prints the name).
 * @param namespaces names by id
 */
export function parseIpLinks(text: string, namespaces: ReadonlyMap<number, string> = new Map()): readonly Link[] {
  return (parseJson(text, 'ip -j addr') as readonly IpLink[])
    .filter((link) => typeof link.ifname === 'string')
    .map((link) => ({
      name: link.ifname,
      index: link.ifindex,
      flags: link.flags ?? [],
      mtu: link.mtu,
      operState: link.operstate ?? 'UNKNOWN',
      addresses: (link.addr_info ?? []).flatMap((a) => (a.family === 'inet' && a.local ? [{ address: a.local, prefixLength: a.prefixlen ?? 32 }] : [])),
      kind: link.linkinfo?.info_kind ?? null,
      peerNamespace: link.link_netns ?? namespaces.get(link.link_netnsid ?? -1) ?? null,
      peerIndex: link.link_index ?? null,
    }));
}

export function isUp(link: Link): boolean {
  return link.flags.includes('UP');
}
