import type { Packet } from '../../model/ruleset/packet.ts';
import { protocols } from '../../model/protocols.ts';

/**
 * Returns a packet with the usual value for all that is not given: NEW, no marks, an echo request for ICMP, a SYN for a
 * new TCP connection.
 * All else stays unknown.
 */
export function packetOf(known: Pick<Packet, 'source' | 'destination' | 'protocol'> & Partial<Packet>): Packet {
  const ctState = known.ctState ?? 'NEW';
  const icmp = known.protocol === protocols.icmp;
  return {
    sourcePort: null,
    destinationPort: null,
    icmpType: icmp ? 8 : null,
    icmpCode: icmp ? 0 : null,
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
