import { bareEnds } from './filters.ts';

/** The filters of packets of IPv6. tcpdump compares four bytes at once, and knows no fields behind a header of IPv6. */
const protocols = { icmpv6: 58, tcp: 6, udp: 17 };
/** Bytes of a header without extensions, and where in it the rest begins. */
const header = 40;
const [protocolAt, sourceAt, destinationAt] = [6, 8, 24];

/**
 * Returns a capture filter for the inner packet: pings, and TCP packets with SYN or RST (6 is these two flags), between
 * the asked pair of addresses in either direction. The source may also have its node's tunnel address. Of each address
 * the last eight bytes are compared: who reads the packets compares the rest.
 * @param at where the inner IPv6 header begins, in bytes from the beginning of the outer one
 */
export function askedInside6(at: number): string {
  return `${pingsOrOpening(at)} and ${askedPair(at)}`;
}

/** Returns the same for a UDP flow: pings, and datagrams from or to the asked port. */
export function askedDatagramInside6(at: number): string {
  const [protocol, from, to] = [`ip6[${at + protocolAt}]`, `ip6[${at + header}:2]`, `ip6[${at + header + 2}:2]`];
  return (
    `(${protocol} = ${protocols.icmpv6}` +
    ` or (${protocol} = ${protocols.udp} and (${from} = {port:number} or ${to} = {port:number})))` +
    ` and ${askedPair(at)}`
  );
}

function pingsOrOpening(at: number): string {
  const [protocol, flags] = [`ip6[${at + protocolAt}]`, `ip6[${at + header + 13}]`];
  return `(${protocol} = ${protocols.icmpv6} or (${protocol} = ${protocols.tcp} and ${flags} & 6 != 0))`;
}

function askedPair(at: number): string {
  const [source, destination] = [at + sourceAt, at + destinationAt];
  return `((${isAsked(destination)} and ${isSource(source)}) or (${isAsked(source)} and ${isSource(destination)}))`;
}

function isAsked(at: number): string {
  return endsWith(at, 'destination');
}

function isSource(at: number): string {
  return `(${endsWith(at, 'source')} or ${endsWith(at, 'tunnel')})`;
}

/**
 * Returns a filter for the last eight bytes of an address.
 * @param at where the address begins
 * @param of the beginning of the names of two placeholders, each of four bytes
 */
export function endsWith(at: number, of: string): string {
  return `(ip6[${at + 8}:4] = 0x{${of}High:hex} and ip6[${at + 12}:4] = 0x{${of}Low:hex})`;
}

/** Of packets that no tunnel carries: pings, and TCP with SYN or RST. */
export const pingsOrOpening6 = `(ip6 and ${pingsOrOpening(0)})`;

/** The same for a packet that no tunnel carries. */
export const askedBare6 = `(${bareEnds} and ${pingsOrOpening6})`;
export const askedDatagramBare6 = `(${bareEnds} and (icmp6 or (ip6 and udp and port {port:number})))`;
