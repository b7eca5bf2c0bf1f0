import { z } from 'zod';
import { addressRange, rangeHolds, type AddressFamily } from '../../model/addresses.ts';
import type { Link } from '../../model/network.ts';
import { parseJsonList } from './json.ts';

const program = z.object({ id: z.number(), name: z.string().optional() });
const ipLink = z.object({
  ifindex: z.number(),
  ifname: z.string(),
  flags: z.array(z.string()).default([]),
  mtu: z.number(),
  operstate: z.string().default('UNKNOWN'),
  address: z.string().optional(),
  linkinfo: z
    .object({
      info_kind: z.string().optional(),
      // Of other kinds, it has other things. Where eBPF programs name the network, it has no number.
      info_data: z.object({ id: z.number(), port: z.number() }).optional().catch(undefined),
      info_slave_kind: z.string().optional(),
      // Of other kinds, it has other things.
      info_slave_data: z.object({ table: z.number() }).optional().catch(undefined),
    })
    .optional(),
  link_netnsid: z.number().optional(),
  link_netns: z.string().optional(),
  link_index: z.number().optional(),
  qdisc: z.string().optional(),
  // A form that is not known costs no interface.
  xdp: z
    .object({ prog: program.optional(), attached: z.array(z.object({ prog: program })).optional() })
    .optional()
    .catch(undefined),
  addr_info: z
    .array(z.object({ family: z.string().optional(), local: z.string().optional(), prefixlen: z.number().default(32) }))
    .default([]),
});
const namespaceEntry = z.object({ name: z.string(), id: z.number().optional() });

/** Parses `ip -j netns list`: the names of network namespaces by the id that links know them by. */
export function parseNamespaces(text: string): ReadonlyMap<number, string> {
  if (text.trim() === '') return new Map();
  return new Map(
    parseJsonList(text, 'ip -j netns', namespaceEntry).flatMap(({ name, id }) =>
      id === undefined ? [] : [[id, name] as const],
    ),
  );
}

/**
 * Parses `ip -j -d addr show`. Its JSON knows a veth's peer namespace by id only (`ip` without -j prints the name).
 * @param namespaces names by id
 * @param family whose addresses are wanted
 */
export function parseIpLinks(
  text: string,
  namespaces: ReadonlyMap<number, string> = new Map(),
  family: AddressFamily = 4,
): readonly Link[] {
  const wanted = family === 6 ? 'inet6' : 'inet';
  return parseJsonList(text, 'ip -j addr', ipLink).map((link) => ({
    name: link.ifname,
    index: link.ifindex,
    flags: link.flags,
    mtu: link.mtu,
    operState: link.operstate,
    ...(link.address !== undefined && isEthernet(link.address) ? { linkAddress: link.address } : {}),
    addresses: link.addr_info.flatMap(({ family: kind, local, prefixlen }) =>
      kind === wanted && local && !isLinkLocal(local) ? [{ address: local, prefixLength: prefixlen }] : [],
    ),
    kind: link.linkinfo?.info_kind ?? null,
    ...(link.linkinfo?.info_data ? { vxlan: link.linkinfo.info_data } : {}),
    ...(link.linkinfo?.info_slave_kind === 'vrf'
      ? { vrfTable: link.linkinfo.info_slave_data?.table.toString() ?? null }
      : {}),
    ...(link.qdisc === undefined ? {} : { qdisc: link.qdisc }),
    ...xdpOf(link.xdp),
    peerNamespace: link.link_netns ?? namespaces.get(link.link_netnsid ?? -1) ?? null,
    peerIndex: link.link_index ?? null,
  }));
}

/** Of several programs the first one counts. */
function xdpOf(xdp: z.infer<typeof ipLink>['xdp']): Pick<Link, 'xdp'> {
  const first = xdp?.prog ?? xdp?.attached?.[0]?.prog;
  return first ? { xdp: { name: first.name ?? null, id: first.id } } : {};
}

const linkLocal = addressRange('fe80::/10');

/** Every interface has one of IPv6, and no packet of a pod is for it. */
function isLinkLocal(address: string): boolean {
  return linkLocal !== null && rangeHolds(linkLocal, address);
}

/** Tunnels of IPv4 show an address of theirs instead. */
function isEthernet(address: string): boolean {
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(address);
}
