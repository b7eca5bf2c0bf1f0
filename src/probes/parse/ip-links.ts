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

/** Parses `ip -j -d addr show`. */
export function parseIpLinks(text: string): readonly Link[] {
  return parseJson<readonly IpLink[]>(text, 'ip -j addr')
    .filter((link) => typeof link.ifname === 'string')
    .map((link) => ({
      name: link.ifname,
      index: link.ifindex,
      flags: link.flags ?? [],
      mtu: link.mtu,
      operState: link.operstate ?? 'UNKNOWN',
      addresses: (link.addr_info ?? []).flatMap((a) => (a.family === 'inet' && a.local ? [{ address: a.local, prefixLength: a.prefixlen ?? 32 }] : [])),
      kind: link.linkinfo?.info_kind ?? null,
      peerNamespace: link.link_netns ?? null,
      peerIndex: link.link_index ?? null,
    }));
}

export function isUp(link: Link): boolean {
  return link.flags.includes('UP');
}
