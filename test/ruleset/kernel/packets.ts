import * as fc from 'fast-check';
import type { Packet } from '../../../src/model/ruleset/packet.ts';
import { packetOf } from '../../../src/ruleset/walk/packet.ts';
import { headerLength } from './raw-packet.ts';

/** Whether the node forwards the packet, takes it, or sends it itself. */
export type Way = 'forwarded' | 'delivered' | 'sent';

const pick = fc.constantFrom;
export const port = pick(53, 80, 443, 8080);
const source = pick('10.50.0.1', '10.50.0.2', '10.50.0.3', '10.50.0.4', '10.50.0.9');

/** TCP flags with the state that conntrack gives a first packet with them; ICMP types likewise. */
const transports = fc.oneof(
  fc.record({
    protocol: fc.constant(6),
    sourcePort: port,
    destinationPort: port,
    flags: pick(['SYN'], ['SYN'], ['ACK'], ['PSH', 'ACK'], ['RST'], ['SYN', 'FIN']),
  }),
  fc.record({ protocol: fc.constant(17), sourcePort: port, destinationPort: port }),
  fc.record({ protocol: fc.constant(1), icmpType: pick(8, 13, 0), icmpCode: fc.constant(0) }),
  fc.record({ protocol: fc.constant(4) }),
);

const packet = fc
  .record({ transport: transports, source, extra: pick(0, 40, 600), ttl: pick(5, 64), mark: pick(0, 1, 0x10000) })
  .map(({ transport, source: from, extra, ttl, mark }): Packet => {
    const { flags, ...rest } = { flags: undefined, ...transport };
    // Without a connection's start before it: what conntrack cannot place.
    const invalid = flags
      ? ['RST', 'FIN'].some((flag) => flags.some((one) => one === flag))
      : 'icmpType' in transport && transport.icmpType === 0;
    return packetOf({
      ...rest,
      source: from,
      destination: '0.0.0.0',
      ...(flags ? { tcpFlags: flags } : {}),
      ctState: invalid ? 'INVALID' : 'NEW',
      length: 20 + headerLength(transport.protocol) + extra,
      ttl,
      mark,
    });
  });

/**
 * Packets without their destination: each case has one of its own. Only a socket of the node can give a packet a mark.
 */
export function packets(way: Way): fc.Arbitrary<Packet> {
  return way === 'sent' ? packet : packet.map((one) => ({ ...one, mark: 0 }));
}
