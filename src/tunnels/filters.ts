/**
 * What a capture filter asks of the inner packet: the asked pair of addresses in either direction, where the source may
 * also be its node's own tunnel address; a ping, or a TCP packet with SYN or RST (6 is these two flags). What an
 * established connection carries is left out, so nobody's payload is shown. Inside a tunnel tcpdump has names for
 * neither, so bytes are compared.
 * @param at where the inner IPv4 header begins, in bytes from the beginning of the outer one
 */
export function askedInside(at: number): string {
  const [protocol, flags] = [`ip[${at + 9}]`, `ip[${at + 33}]`];
  return `(${protocol} = 1 or (${protocol} = 6 and ${flags} & 6 != 0)) and ${askedPair(at)}`;
}

/** The same of a UDP flow: pings, and datagrams from or to the asked port. */
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

/** The same of a packet that travels as it is. */
export const askedBare = '(host {source:address} and host {destination:address} and (icmp or tcp[13] & 6 != 0))';
export const askedDatagramBare =
  '(host {source:address} and host {destination:address} and (icmp or (udp and port {port:number})))';
