import type { IPPool } from '../model/calico.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import { familyOf, type AddressFamily } from '../model/addresses.ts';
import { checkTunnels } from './check-tunnels.ts';
import type { CarriedPacket, Tunnel } from './contract.ts';
import { ipip } from './ipip.ts';
import { none, none6 } from './none.ts';
import { vxlan, vxlan6 } from './vxlan.ts';

/** Every kind of IPv4. `none` must be the last: it reads every packet. */
export const tunnels: readonly Tunnel[] = checkTunnels([ipip, vxlan, none]);
/** Those that carry packets of IPv6 between nodes of IPv6. */
export const tunnels6: readonly Tunnel[] = checkTunnels([vxlan6, none6]);

/** Returns the ways in which packets of the family may travel between nodes. */
export function tunnelsOf(family: AddressFamily): readonly Tunnel[] {
  return family === 6 ? tunnels6 : tunnels;
}

/**
 * Returns the tunnel by which packets of a pool travel between two nodes.
 * @param neighbours whether the nodes share a subnet, as CrossSubnet asks
 */
export function tunnelOfPool({ spec }: Pick<IPPool, 'spec'>, neighbours: boolean): Tunnel {
  const family = familyOf(spec.cidr);
  const encapsulates = (mode: 'Never' | 'Always' | 'CrossSubnet' = 'Never') =>
    mode === 'Always' || (mode === 'CrossSubnet' && !neighbours);
  // There is no IPIP of IPv6: Calico refuses such pools.
  if (family === 4 && encapsulates(spec.ipipMode)) return ipip;
  return encapsulates(spec.vxlanMode) ? (family === 6 ? vxlan6 : vxlan) : none;
}

/**
 * Returns the tunnel by which packets of a pool travel between two nodes.
 * @param neighbours whether the nodes share a subnet; null: that is not known
 * @returns null: whether they share one decides, and is not known
 */
export function tunnelBetween(pool: Pick<IPPool, 'spec'>, neighbours: boolean | null): Tunnel | null {
  if (neighbours !== null) return tunnelOfPool(pool, neighbours);
  const far = tunnelOfPool(pool, false);
  return tunnelOfPool(pool, true) === far ? far : null;
}

/** Returns the tunnel into which a node sends packets that leave by the interface. */
export function tunnelOfDevice(device: string | null): Tunnel {
  return [...tunnels, ...tunnels6].find((tunnel) => tunnel.device !== null && tunnel.device.name === device) ?? none;
}

/** Returns the tunnel that carries others in packets like this one. */
export function tunnelOfOuter({
  source,
  protocol,
  destinationPort,
}: Pick<Packet, 'source' | 'protocol' | 'destinationPort'>): Tunnel {
  return (
    tunnelsOf(familyOf(source)).find((tunnel) => tunnel.protocol === protocol && tunnel.port === destinationPort) ??
    none
  );
}

/** Returns the tunnel whose packets the rule drops because of their sender; null: the rule does not do that. */
export function tunnelRefusedBy(comments: readonly string[]): Tunnel | null {
  return tunnels.find(({ refusal }) => refusal !== null && comments.some((comment) => refusal.test(comment))) ?? null;
}

/** Reads one packet of `tcpdump -n`, carried by any tunnel. @returns null if it is not a packet of IP */
export function readCarried(record: string): CarriedPacket | null {
  // A packet of the other family may be in it.
  const [, six] = /\bIP(6)? /.exec(record) ?? [];
  for (const tunnel of tunnelsOf(six === undefined ? 4 : 6)) {
    const carried = tunnel.read(record);
    if (carried) return carried;
  }
  return null;
}

/** Does the interface carry pods' packets to other nodes? Packets are not followed through Felix's WireGuard. */
export function isTunnelDevice(device: string | null): boolean {
  return device === 'wireguard.cali' || device === 'wg-v6.cali' || tunnelOfDevice(device).device !== null;
}
