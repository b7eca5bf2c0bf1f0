import { own } from './own.ts';

/** Protocol numbers by the names that iptables, ipset and nft print (netbase's /etc/protocols). */
const numbers: Readonly<Record<string, number>> = {
  all: 0,
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  ipip: 4,
  tcp: 6,
  egp: 8,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  gre: 47,
  esp: 50,
  'ipsec-esp': 50,
  ah: 51,
  'ipsec-ah': 51,
  icmpv6: 58,
  'ipv6-icmp': 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  etherip: 97,
  encap: 98,
  pim: 103,
  ipcomp: 108,
  comp: 108,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  mobility: 135,
  'mobility-header': 135,
  mh: 135,
  udplite: 136,
  'mpls-in-ip': 137,
  wesp: 141,
  mptcp: 262,
};

/** @returns null for a name that is not known here */
export function protocolNumber(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  return own(numbers, text.toLowerCase()) ?? null;
}

export const protocols = { icmp: 1, tcp: 6, udp: 17, dccp: 33, icmpv6: 58, sctp: 132, udplite: 136 } as const;

/** Protocols whose header starts with two ports. */
export function hasPorts(protocol: number): boolean {
  return [protocols.tcp, protocols.udp, protocols.dccp, protocols.sctp, protocols.udplite].some(
    (known) => known === protocol,
  );
}

/** Is it ICMP, of either family? */
export function isIcmp(protocol: number): boolean {
  return protocol === protocols.icmp || protocol === protocols.icmpv6;
}
