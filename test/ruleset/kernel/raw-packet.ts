import type { Packet } from '../../../src/model/ruleset/packet.ts';

const flagBits: Readonly<Record<string, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 };

/** The bytes of an IPv4 packet, checksums right (conntrack calls a wrong one INVALID). */
export function rawPacket(packet: Packet): Buffer {
  const payload = transport(packet);
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + payload.length, 2);
  header[8] = packet.ttl ?? 64;
  header[9] = packet.protocol;
  address(packet.source).copy(header, 12);
  address(packet.destination).copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
}

function transport(packet: Packet): Buffer {
  const extra = Buffer.alloc((packet.length ?? 0) - 20 - headerLength(packet.protocol), 0x5a);
  if (packet.protocol === 6) {
    const tcp = Buffer.alloc(20);
    tcp.writeUInt16BE(packet.sourcePort ?? 0, 0);
    tcp.writeUInt16BE(packet.destinationPort ?? 0, 2);
    tcp.writeUInt32BE(1, 4);
    tcp[12] = 0x50;
    tcp[13] = (packet.tcpFlags ?? []).reduce((bits, flag) => bits | (flagBits[flag] ?? 0), 0);
    tcp.writeUInt16BE(1024, 14);
    return withChecksum(Buffer.concat([tcp, extra]), 16, packet);
  }
  if (packet.protocol === 17) {
    const udp = Buffer.alloc(8);
    udp.writeUInt16BE(packet.sourcePort ?? 0, 0);
    udp.writeUInt16BE(packet.destinationPort ?? 0, 2);
    udp.writeUInt16BE(8 + extra.length, 4);
    return withChecksum(Buffer.concat([udp, extra]), 6, packet);
  }
  if (packet.protocol === 1) {
    const icmp = Buffer.concat([
      Buffer.from([packet.icmpType ?? 8, packet.icmpCode ?? 0, 0, 0, 0x12, 0x34, 0, 1]),
      extra,
    ]);
    icmp.writeUInt16BE(checksum(icmp), 2);
    return icmp;
  }
  return extra;
}

export function headerLength(protocol: number): number {
  return { 1: 8, 6: 20, 17: 8 }[protocol] ?? 0;
}

function withChecksum(segment: Buffer, at: number, packet: Packet): Buffer {
  const pseudo = Buffer.concat([
    address(packet.source),
    address(packet.destination),
    Buffer.from([0, packet.protocol, segment.length >> 8, segment.length & 255]),
  ]);
  segment.writeUInt16BE(checksum(Buffer.concat([pseudo, segment])) || 0xffff, at);
  return segment;
}

function address(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
