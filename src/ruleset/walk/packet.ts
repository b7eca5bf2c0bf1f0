import type { Packet } from '../../model/ruleset/packet.ts';
import { protocols } from '../../model/protocols.ts';

/**
 * Returns a packet with the usual value for all that is not given: NEW, no marks, an echo request for ICMP, a SYN for a
 * new TCP connection.
 * All else stays unknown.
 */
export function packetOf(known: Pick<Packet, 'source' | 'destination' | 'protocol'> & Partial<Packet>): Packet {
  const ctState = known.ctState ?? 'NEW';
  const [echo, code] = echoRequest(known.protocol);
  return {
    sourcePort: null,
    destinationPort: null,
    icmpType: echo,
    icmpCode: code,
    tcpFlags: known.protocol === protocols.tcp && ctState === 'NEW' ? ['SYN'] : null,
    inInterface: null,
    outInterface: null,
    mark: 0,
    connmark: ctState === 'NEW' ? 0 : null,
    length: null,
    ttl: null,
    ...known,
    ctState,
  };
}

/** Type and code (RFC 792; of IPv6 RFC 4443); null: the protocol is not ICMP. */
function echoRequest(protocol: number): readonly [type: number | null, code: number | null] {
  if (protocol === protocols.icmp) return [8, 0];
  return protocol === protocols.icmpv6 ? [128, 0] : [null, null];
}
