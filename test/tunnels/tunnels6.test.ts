/** What the tunnels of IPv6 promise, and captures of packets that none carries. tcpdump is the real one. */
import { describe, expect, test } from '@jest/globals';
import { fillTemplate } from '../../src/model/command-line.ts';
import type { Command } from '../../src/model/command.ts';
import type { FlowPort } from '../../src/model/target.ts';
import { captureLimit } from '../../src/commands/tcpdump.ts';
import { bareCapture, bytesOf, flowCapture, hexAddress } from '../../src/probes/lib/capture-commands.ts';
import { parseTcpdump, silentAddresses } from '../../src/probes/parse/tcpdump.ts';
import { packetOf } from '../../src/ruleset/walk/packet.ts';
import { tunnelOfDevice, tunnelOfOuter, tunnels6 } from '../../src/tunnels/registry.ts';
import { enclosed6, ipv6, tcpdumpOf } from './enclosed.ts';

const [source, destination, tunnel] = ['fd00:10:244:2::7', 'fd00:10:244:1::5', 'fd00:10:244:2::'];
const stranger = 'fd00:10:244:1::99';
const nodes = { source: 'fd00:1::2', destination: 'fd00:1::1' };
const ends = { source, destination, tunnel, sourceNode: nodes.source, targetNode: nodes.destination };

const capturing = (command: Command, params: Readonly<Record<string, string>>) => {
  const { argv } = fillTemplate(command, params);
  return { filter: argv.at(-1) ?? '', snapLength: Number(argv[argv.indexOf('-s') + 1]) };
};
const asked = (port: FlowPort) => {
  const { command, params } = flowCapture(port, ends);
  return capturing(command, { ...params, interface: 'eth0' });
};
const http = asked({ protocol: 'tcp', number: 8080 });
const udp = asked({ protocol: 'udp', number: 5300 });

interface Sent {
  readonly from?: string;
  readonly to?: string;
}
const echo = ({ from = source, to = destination }: Sent = {}, size = 640, type = 128) => {
  const head = Buffer.from([type, 0, 0, 0, 0x12, 0x34, 0, 1]);
  return ipv6(from, to, 58, Buffer.concat([head, Buffer.alloc(size, 0x5a)]));
};
const tcp = (
  flags: number,
  { from = source, to = destination }: Sent = {},
  ports: readonly [number, number] = [40_112, 8080],
) => {
  const head = Buffer.alloc(20);
  head.writeUInt16BE(ports[0], 0);
  head.writeUInt16BE(ports[1], 2);
  head.writeUInt32BE(1, 4);
  head[12] = 0x50;
  head[13] = flags;
  return ipv6(from, to, 6, head);
};
const datagram = (ports: readonly [number, number], { from = source, to = destination }: Sent = {}) => {
  const head = Buffer.alloc(8 + 42, 0x5a);
  for (const [at, value] of [...ports, head.length, 0].entries()) head.writeUInt16BE(value, at * 2);
  return ipv6(from, to, 17, head);
};
const neighbour = (type: number, of: string, from = 'fe80::1', to = 'ff02::1:ff00:5') =>
  ipv6(from, to, 58, Buffer.concat([Buffer.from([type, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(hexAddress(of), 'hex')]));
const [syn, ack, rst, psh] = [2, 16, 4, 8];

describe.each(tunnels6.map((one) => [one.kind, one] as const))('%s', (kind, carrier) => {
  const encloses = enclosed6[kind];
  const onWire = (inner: Buffer): Buffer => {
    const outer = encloses?.(inner);
    return outer ? ipv6(nodes.source, nodes.destination, outer.protocol, outer.payload) : inner;
  };
  const seen = (packets: readonly Buffer[], by = http) => parseTcpdump(tcpdumpOf(packets.map(onWire), by));

  test('a packet is read back out of the text that tcpdump prints of the packet around it', () => {
    const carried = { outer: encloses ? nodes : null, source, destination };
    expect(seen([echo(), tcp(syn)])).toMatchObject([
      { ...carried, protocol: 'icmp', detail: 'request', key: 'icmp 4660/1 648', length: 688 },
      { ...carried, protocol: 'tcp', detail: 'S', key: 'tcp 40112>8080 seq 1' },
    ]);
  });

  test("the filter takes pings, SYN and RST of the asked pair both ways, also from its node's tunnel address", () => {
    const back = { from: destination, to: source };
    const own = encloses ? [tcp(syn, { from: tunnel }), tcp(syn | ack, { ...back, to: tunnel }, [8080, 40_112])] : [];
    const taken = [echo(), echo(back, 640, 129), tcp(syn), tcp(syn | ack, back), tcp(rst | ack, back), ...own];
    expect(seen(taken).map(({ detail }) => detail)).toEqual([
      'request',
      'reply',
      'S',
      'S.',
      'R.',
      ...(encloses ? ['S', 'S.'] : []),
    ]);
    // What a connection carries, and what others send.
    const others = [
      tcp(psh | ack),
      tcp(ack),
      tcp(syn, { from: stranger }),
      echo({ to: stranger }),
      datagram([9, 8080]),
    ];
    expect(seen(others)).toEqual([]);
  });

  test("a UDP flow's filter takes its datagrams both ways, pings and refusals, and no other port", () => {
    const first = datagram([40_112, 5300]);
    const refusal = ipv6(destination, source, 58, Buffer.concat([Buffer.from([1, 4, 0, 0, 0, 0, 0, 0]), first]));
    const taken = [first, datagram([5300, 40_112], { from: destination, to: source }), echo(), refusal];
    const others = [datagram([40_112, 5301]), datagram([40_112, 5300], { from: stranger }), tcp(syn)];
    expect(seen([...taken, ...others], udp).map(({ protocol, detail, key }) => [protocol, detail, key])).toEqual([
      ['udp', '', expect.stringMatching(/^udp 40112>5300 /)],
      ['udp', '', expect.stringMatching(/^udp 5300>40112 /)],
      ['icmp', 'request', 'icmp 4660/1 648'],
      // In a tunnel, a capture keeps too few bytes of what the error holds.
      encloses
        ? ['other', expect.stringMatching(/unreachable port/), expect.any(String)]
        : ['icmp', 'unreachable', 'udp 5300'],
    ]);
  });

  test('the outer packet has the addresses, protocol and length that travel', () => {
    const ping = packetOf({ source, destination, protocol: 58, length: echo().length });
    const outer = packetOf(carrier.outer(ping, nodes));
    const bytes = onWire(echo());
    expect([outer.protocol, outer.length, bytes.length - echo().length]).toEqual([
      bytes[6],
      bytes.length,
      carrier.headerBytes,
    ]);
    expect([outer.source, outer.destination].map(hexAddress)).toEqual(
      [8, 24].map((at) => bytes.subarray(at, at + 16).toString('hex')),
    );
    if (carrier.device) {
      expect([tunnelOfOuter(outer), tunnelOfDevice(carrier.device.name)]).toEqual([carrier, carrier]);
      expect([outer.destinationPort, bytes.readUInt16BE(42)]).toEqual([carrier.port, carrier.port]);
    }
  });
});

test('pings between the nodes are taken in the capture of the flow, as its control', () => {
  const ping = echo({ from: nodes.source, to: nodes.destination }, 840);
  expect(parseTcpdump(tcpdumpOf([ping], http))).toMatchObject([{ outer: null, detail: 'request', length: 888 }]);
});

test('of packets as they are: the asked ones, one control, and who asks for the neighbour', () => {
  const owner = 'fd00:10:244:1::5';
  const params = { source, destination, tunnel, sourceNode: nodes.source, udpPort: '0', interface: 'cali4e199eba087' };
  const control = { control: destination, controlLength: '988', ...bytesOf('owner', owner) };
  const bare = capturing(bareCapture(6), { ...params, ...control });
  const node = { from: nodes.destination };
  const said = tcpdumpOf(
    [
      echo({}, 640),
      tcp(syn),
      echo(node, 940),
      echo(node, 939),
      tcp(ack),
      neighbour(135, owner),
      neighbour(135, stranger),
    ],
    bare,
  );
  expect(parseTcpdump(said).map(({ detail, length }) => [detail, length])).toEqual([
    ['request', 688],
    ['S', null],
    ['request', 988],
    [expect.stringContaining('neighbor solicitation'), null],
  ]);
  expect(silentAddresses(said)).toEqual([owner]);
  const answered = tcpdumpOf([neighbour(135, owner), neighbour(136, owner, owner, 'fe80::1')], bare);
  expect(silentAddresses(answered)).toEqual([]);
});

test('a capture is as bounded as one of IPv4', () => {
  for (const command of [flowCapture({ protocol: 'icmp' }, ends).command, bareCapture(6)]) {
    expect(command.argv).toEqual(expect.arrayContaining(['-p', '-c', String(captureLimit)]));
    expect([command.timeoutSeconds, command.readyWhen]).toEqual([10, 'listening on']);
  }
});
