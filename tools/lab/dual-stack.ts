/**
 * What a lab of `--families dual` has beside its IPv4 addresses. Every address of IPv6 follows from that of IPv4:
 * `10.244.1.5` is also `fd00:10:244:1::5`.
 */
import { encapsulations } from './encapsulation.ts';
import type { LabNode, LabPod, Topology } from './topology.ts';

/** `ipv4` alone, or both families with IPv4 first. */
export const familyChoices = ['ipv4', 'dual'] as const;

export const poolName6 = 'default-pool-ipv6';
export const pool6 = 'fd00:10:244::/48';
export const servicePrefix6 = 'fd00:10:96::/112';
export const prefixLength6 = 64;
export const device6 = 'vxlan-v6.calico';
/** What the tunnel's header leaves of 1500 bytes: IPv6, UDP, VXLAN and Ethernet. */
export const mtu6 = 1430;
/** The host's end of every pod's interface has the link-layer address ee:ee:ee:ee:ee:ee, and so this one. */
export const podGateway6 = 'fe80::ecee:eeff:feee:eeee';

/** As the kernel prints it. */
export function ipv6Of(address: string): string {
  const [a, b, c, d] = address.split('.');
  return `fd00:${a}:${b}${c === '0' ? '' : `:${c}`}::${d === '0' ? '' : d}`;
}

export function isDual({ families }: Pick<Topology, 'families'>): boolean {
  return families === 'dual';
}

/** Of pods' interfaces: the smallest that any of the lab's tunnels takes. */
export function podMtu({ encap, families }: Pick<Topology, 'encap' | 'families'>): string {
  const { device, mtu } = encapsulations[encap];
  return String(device !== null && isDual({ families }) ? Math.min(mtu, mtu6) : mtu);
}

/** A pod's addresses, as the kubelet lists them. */
export function addressesOf(topology: Pick<Topology, 'families'>, { ip }: Pick<LabPod, 'ip'>): readonly string[] {
  return isDual(topology) ? [ip, ipv6Of(ip)] : [ip];
}

/** The pods' addresses of a node, of which the first that a host can have is its tunnel device's. */
export function block6(node: LabNode): string {
  return `${ipv6Of(node.tunnelAddress)}/122`;
}

/** A Service's address of IPv6, in the range of `servicePrefix6`: `10.96.171.5` is `fd00:10:96::ab05`. */
export function serviceAddress6(address: string): string {
  const [, , c, d] = address.split('.').map(Number);
  return `fd00:10:96::${(((c ?? 0) << 8) | (d ?? 0)).toString(16)}`;
}

export function tunnelAddress6(node: LabNode): string {
  return `${ipv6Of(node.tunnelAddress)}1`;
}

/** Of the node's device for IPv6: another one than that of the device for IPv4. */
export function vxlanMac6({ tunnelAddress }: Pick<LabNode, 'tunnelAddress'>): string {
  return `66:00:00:00:06:${Number(tunnelAddress.split('.')[2]).toString(16).padStart(2, '0')}`;
}
