/**
 * Returns a capture filter for the inner packet: pings, and TCP packets with SYN or RST (6 is these two flags), between
 * the asked pair of addresses in either direction. The source may also have its node's tunnel address. Packets of an
 * established connection are left out, so no payload is shown. Inside a tunnel tcpdump knows no field names, so bytes
 * are compared.
 * @param at where the inner IPv4 header begins, in bytes from the beginning of the outer one
 */
export function askedInside(at: number): string {
  const [protocol, flags] = [`ip[${at + 9}]`, `ip[${at + 33}]`];
  return `(${protocol} = 1 or (${protocol} = 6 and ${flags} & 6 != 0)) and ${askedPair(at)}`;
}

/** Returns the same for a UDP flow: pings, and datagrams from or to the asked port. */
export function askedDatagramInside(at: number): string {
  const [protocol, from, to] = [`ip[${at + 9}]`, `ip[${at + 20}:2]`, `ip[${at + 22}:2]`];
  return (
    `(${protocol} = 1 or (${protocol} = 17 and (${from} = {port:number} or ${to} = {port:number})))` +
    ` and ${askedPair(at)}`
  );
}

function askedPair(at: number): string {
  const [source, destination] = [`ip[${at + 12}:4]`, `ip[${at + 16}:4]`];
  return (
    `((${destination} = 0x{destinationHex:hex} and ${isSource(source)})` +
    ` or (${source} = 0x{destinationHex:hex} and ${isSource(destination)}))`
  );
}

function isSource(address: string): string {
  return `(${address} = 0x{sourceHex:hex} or ${address} = 0x{tunnelHex:hex})`;
}

/** The asked pair outside a tunnel. Packets that leave the pods' network may have the address of the source's node. */
export const bareEnds = 'host {destination:address} and (host {source:address} or host {sourceNode:address})';

/** The same for a packet that no tunnel carries. */
export const askedBare = `(${bareEnds} and (icmp or tcp[13] & 6 != 0))`;
export const askedDatagramBare = `(${bareEnds} and (icmp or (udp and port {port:number})))`;
