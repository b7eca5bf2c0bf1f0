/** The bytes of packets on the wire between two nodes, put together from the RFCs alone, and as tcpdump reads them. */
import { execFileSync } from 'node:child_process';
import { hexAddress } from '../../src/probes/lib/capture-commands.ts';
import type { TunnelKind } from '../../src/model/network.ts';

/** How a tunnel carries the bytes of a packet, as the payload of an IPv4 packet of a protocol; null: as they are. */
export const enclosed: Readonly<
  Record<TunnelKind, ((inner: Buffer) => { readonly protocol: number; readonly payload: Buffer }) | null>
> = {
  none: null,
  ipip: (inner) => ({ protocol: 4, payload: inner }),
  vxlan: (inner) => ({ protocol: 17, payload: datagram(Buffer.concat([vxlanHeader, ethernet, inner])) }),
};

/** The same of IPv6. There is no IPIP of it. */
export const enclosed6: typeof enclosed = {
  none: null,
  ipip: null,
  vxlan: (inner) => ({ protocol: 17, payload: datagram(Buffer.concat([vxlanHeader, ethernet6, inner])) }),
};

/** Flags with a valid VNI (RFC 7348), VNI 4096. */
const vxlanHeader = Buffer.from('0800000000100000', 'hex');
const ethernet = Buffer.from('0200000000010200000000020800', 'hex');
const ethernet6 = Buffer.from('02000000000102000000000286dd', 'hex');

function datagram(data: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(53_801, 0);
  header.writeUInt16BE(4789, 2);
  header.writeUInt16BE(header.length + data.length, 4);
  return Buffer.concat([header, data]);
}

export interface Capturing {
  readonly filter: string;
  /** Bytes of each frame that are kept. */
  readonly snapLength: number;
}

/** What tcpdump prints of packets (from the IP header on) that pass its filter, in the words of a capture on a card. */
export function tcpdumpOf(packets: readonly Buffer[], { filter, snapLength }: Capturing): string {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(262_144, 16);
  head.writeUInt32LE(1, 20); // Ethernet
  const frames = packets.flatMap((packet, at) => {
    const frame = Buffer.concat([(packet[0] ?? 0) >> 4 === 6 ? ethernet6 : ethernet, packet]);
    const kept = frame.subarray(0, snapLength);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(at, 0);
    record.writeUInt32LE(kept.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, kept];
  });
  return execFileSync('tcpdump', ['-n', '-S', '-r', '-', filter], {
    input: Buffer.concat([head, ...frames]),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** An IPv4 packet around a payload. tcpdump without -v does not look at the checksum. */
export function ipv4(source: string, destination: string, protocol: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(header.length + payload.length, 2);
  header[8] = 64;
  header[9] = protocol;
  Buffer.from(source.split('.').map(Number)).copy(header, 12);
  Buffer.from(destination.split('.').map(Number)).copy(header, 16);
  return Buffer.concat([header, payload]);
}

/** An IPv6 packet around a payload. */
export function ipv6(source: string, destination: string, protocol: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(payload.length, 4);
  header[6] = protocol;
  header[7] = 64;
  Buffer.from(hexAddress(source), 'hex').copy(header, 8);
  Buffer.from(hexAddress(destination), 'hex').copy(header, 24);
  return Buffer.concat([header, payload]);
}
