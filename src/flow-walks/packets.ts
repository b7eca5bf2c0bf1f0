import { familyOf, type AddressFamily } from '../model/addresses.ts';
import type { FlowEnd } from '../model/flow.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import type { FlowPort } from '../model/target.ts';
import { packetOf } from '../ruleset/walk/packet.ts';
import { isIcmp, protocols } from '../model/protocols.ts';

/** Bytes of an IP header without options. */
export function ipHeaderBytes(family: AddressFamily): number {
  return family === 6 ? 40 : 20;
}

/** IP length in bytes of a SYN as Linux sends it (40 TCP with options behind the IP header). */
export function synLength(family: AddressFamily): number {
  return ipHeaderBytes(family) + 40;
}

/** What a packet of TCP behind the handshake differs in. */
export interface LaterPacket {
  readonly length: number;
  /** Beside ACK: the sender has no more to send for now. */
  readonly pushes: boolean;
}
/** A packet almost without data, and two that fit every path: no smaller size of segments is agreed on. */
export const packetsBehindHandshake: readonly LaterPacket[] = [
  { length: 60, pushes: false },
  { length: 576, pushes: false },
  { length: 576, pushes: true },
];

/** The first packet of the asked flow, as its source sends it. */
export function askPacket(
  source: Pick<FlowEnd, 'address'>,
  destination: Pick<FlowEnd, 'address'>,
  port: FlowPort,
): Packet {
  const family = familyOf(destination.address);
  const ends = {
    source: source.address,
    destination: destination.address,
    ctState: 'NEW' as const,
    ...(port.protocol === 'icmp' ? {} : { clientSide: 'source' as const }),
  };
  if (port.protocol === 'icmp')
    return packetOf({ ...ends, protocol: family === 6 ? protocols.icmpv6 : protocols.icmp });
  if (port.protocol === 'udp') return packetOf({ ...ends, protocol: protocols.udp, destinationPort: port.number });
  return packetOf({
    ...ends,
    protocol: protocols.tcp,
    destinationPort: port.number,
    tcpFlags: ['SYN'],
    length: synLength(family),
  });
}

/** Returns its answer, which conntrack knows as part of the flow. */
export function replyPacket(ask: Packet): Packet {
  const family = familyOf(ask.destination);
  return packetOf({
    source: ask.destination,
    destination: ask.source,
    protocol: ask.protocol,
    sourcePort: ask.destinationPort,
    destinationPort: ask.sourcePort,
    ...(ask.clientSide ? { clientSide: 'destination' as const } : {}),
    ctState: 'ESTABLISHED',
    ...(isIcmp(ask.protocol) ? { icmpType: family === 6 ? 129 : 0, icmpCode: 0 } : {}),
    ...(ask.protocol === protocols.tcp ? { tcpFlags: ['SYN', 'ACK'], length: synLength(family) } : {}),
  });
}

/**
 * Returns a packet of a given length, of a flow that conntrack knows: TCP sends full segments after its handshake.
 * @param pushes whether it is the last of what the sender has to send for now
 */
export function ofLength(packet: Packet, length: number, pushes = false): Packet {
  if (isIcmp(packet.protocol)) return { ...packet, length };
  const { protocol } = packet;
  return {
    ...packet,
    length,
    ctState: 'ESTABLISHED',
    connmark: null,
    ...(protocol === protocols.tcp ? { tcpFlags: pushes ? ['PSH', 'ACK'] : ['ACK'] } : {}),
  };
}

/**
 * Returns the state of an answer to a packet that conntrack did not see: TCP's second segment and ICMP's reply open
 * nothing (nf_conntrack_proto_tcp.c, nf_conntrack_proto_icmp.c).
 */
export function stateOfStray({ protocol }: Packet): Packet['ctState'] {
  return protocol === protocols.tcp || isIcmp(protocol) ? 'INVALID' : 'NEW';
}
