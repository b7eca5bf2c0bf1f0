import type { IPPool } from '../model/calico.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import { familyOf, type AddressFamily } from '../model/addresses.ts';
import { checkTunnels } from './check-tunnels.ts';
import type { CarriedPacket, Carrier, Tunnel } from './contract.ts';
import { ipip } from './ipip.ts';
import { none } from './none.ts';
import { vxlan, vxlan6 } from './vxlan.ts';

/** Every kind. `none` must be the last: it reads every packet. */
export const tunnels: readonly Tunnel[] = checkTunnels([ipip, vxlan, none]);
/** Those that carry packets of IPv6 between nodes of IPv6. */
const tunnels6: readonly Carrier[] = [vxlan6, none];

/** Returns the ways in which packets of the family may travel between nodes. */
export function carriersOf(family: AddressFamily): readonly Carrier[] {
  return family === 6 ? tunnels6 : tunnels;
}

/**
 * Returns the tunnel by which packets of a pool travel between two nodes.
 * @param neighbours whether the nodes share a subnet, as CrossSubnet asks
 */
export function tunnelOfPool({ spec }: Pick<IPPool, 'spec'>, neighbours: boolean): Carrier {
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
export function tunnelBetween(pool: Pick<IPPool, 'spec'>, neighbours: boolean | null): Carrier | null {
  if (neighbours !== null) return tunnelOfPool(pool, neighbours);
  const far = tunnelOfPool(pool, false);
  return tunnelOfPool(pool, true) === far ? far : null;
}

/** Returns the tunnel into which a node sends packets that leave by the interface. */
export function tunnelOfDevice(device: string | null): Carrier {
  return [...tunnels, ...tunnels6].find((tunnel) => tunnel.device !== null && tunnel.device.name === device) ?? none;
}

/** Returns the tunnel that carries others in packets like this one. */
export function tunnelOfOuter({
  source,
  protocol,
  destinationPort,
}: Pick<Packet, 'source' | 'protocol' | 'destinationPort'>): Carrier {
  return (
    carriersOf(familyOf(source)).find((tunnel) => tunnel.protocol === protocol && tunnel.port === destinationPort) ??
    none
  );
}

/** Returns the tunnel whose packets the rule drops because of their sender; null: the rule does not do that. */
export function tunnelRefusedBy(comments: readonly string[]): Tunnel | null {
  return tunnels.find(({ refusal }) => refusal !== null && comments.some((comment) => refusal.test(comment))) ?? null;
}

/** Reads one packet of `tcpdump -n`, carried by any tunnel. @returns null if it is not an IPv4 packet */
export function readCarried(record: string): CarriedPacket | null {
  for (const tunnel of tunnels) {
    const carried = tunnel.read(record);
    if (carried) return carried;
  }
  return null;
}

/** Does the interface carry pods' packets to other nodes? Packets are not followed through Felix's WireGuard. */
export function isTunnelDevice(device: string | null): boolean {
  return device === 'wireguard.cali' || device === 'wg-v6.cali' || tunnelOfDevice(device).device !== null;
}
