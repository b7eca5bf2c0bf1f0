/** Commands for people that read or change what IPv4 has, and those that do the same for IPv6. */
import type { AddressFamily } from './addresses.ts';

type Twin = readonly [of: RegExp, ipv6: string];

const twins: readonly Twin[] = [
  [/\biptables-((?:legacy-|nft-)?(?:save|restore))\b/g, 'ip6tables-$1'],
  [/\bnft (list|delete) table ip /g, 'nft $1 table ip6 '],
  [/\bip (rule|route|neigh)\b/g, 'ip -6 $1'],
  [/\bipv4VXLANTunnelAddr\b/g, 'ipv6VXLANTunnelAddr'],
  [/\bvxlanTunnelMACAddr\b/g, 'vxlanTunnelMACAddrV6'],
  [/\bipv4Address\b/g, 'ipv6Address'],
  [/\bIP_AUTODETECTION_METHOD\b/g, 'IP6_AUTODETECTION_METHOD'],
  [/\bnodeAddressAutodetectionV4\b/g, 'nodeAddressAutodetectionV6'],
  [/\bprojectcalico\.org\/IPv4Address\b/g, 'projectcalico.org/IPv6Address'],
  // Of what Calico's programs hold, IPv4 is listed if nothing is said.
  [/\bcalico-node -bpf (nat|conntrack) dump\b(?! -6)/g, 'calico-node -bpf $1 dump -6'],
  // ARP is of IPv4.
  [/\barping -c 3 -I /g, 'ping -c 3 -I '],
  [/ {3}# and on \S{1,253}: sysctl net\.ipv4\.conf\.all\.arp_ignore$/g, ''],
  // Such a rule is of IPv4, if nothing is said.
  [/\bopenstack security group rule create\b/g, 'openstack security group rule create --ethertype IPv6'],
  // The sets of Felix (felix/ipsets).
  [/\bcali40/g, 'cali60'],
  // There is no reverse path filter of IPv6, and one interface does not forward by itself.
  [
    /\bsysctl net\/ipv4\/conf\/\S{1,64}\/forwarding(?: net\/ipv4\/conf\/\S{1,64}\/rp_filter){2}/g,
    'sysctl net/ipv6/conf/all/forwarding',
  ],
];

/** Returns the command as it is for packets of the family. */
export function commandOfFamily(command: string, family: AddressFamily): string {
  return family === 4 ? command : twins.reduce((text, [of, ipv6]) => text.replaceAll(of, ipv6), command);
}
