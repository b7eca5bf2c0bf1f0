/** What every tunnel promises, asked of each in the registry. tcpdump is the real one. */
import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { parameterPatterns } from '../../src/model/command.ts';
import { fillTemplate } from '../../src/model/command-line.ts';
import type { Packet } from '../../src/model/ruleset/packet.ts';
import { tcpdumpFlow, tcpdumpUdpFlow } from '../../src/commands/tcpdump.ts';
import { hexAddress } from '../../src/probes/lib/capture-commands.ts';
import { parseTcpdump } from '../../src/probes/parse/tcpdump.ts';
import { matchPacket } from '../../src/ruleset/walk/match-packet.ts';
import { packetOf } from '../../src/ruleset/walk/packet.ts';
import { none } from '../../src/tunnels/none.ts';
import { tunnelOfDevice, tunnelOfOuter, tunnelOfPool, tunnels } from '../../src/tunnels/registry.ts';
import { readCapture } from '../cases/capture.ts';
import { rawPacket } from '../ruleset/kernel/raw-packet.ts';
import { enclosed, ipv4, tcpdumpOf } from './enclosed.ts';

const [source, destination, tunnelAddress, stranger] = ['10.244.2.7', '10.244.1.5', '10.244.2.0', '10.244.1.99'];
const nodes = { source: '198.51.100.2', destination: '198.51.100.1' };
const values = {
  interface: 'eth0',
  source,
  destination,
  sourceHex: hexAddress(source),
  tunnelHex: hexAddress(tunnelAddress),
  destinationHex: hexAddress(destination),
  sourceNode: nodes.source,
  targetNode: nodes.destination,
};
const { argv } = fillTemplate(tcpdumpFlow, values);
const { argv: udpArgv } = fillTemplate(tcpdumpUdpFlow, { ...values, port: '5300' });
const filter = argv.at(-1) ?? '';
const snapLength = Number(argv[argv.indexOf('-s') + 1]);
const ping = packetOf({ source, destination, protocol: 1, length: 683 });
const syn = packetOf({ source, destination, protocol: 6, sourcePort: 40_112, destinationPort: 8080, length: 60 });
const tcp = (change: Partial<Packet>): Packet => ({ ...syn, ...change });
const back = { source: destination, destination: source, sourcePort: 8080, destinationPort: 40_112 };

describe.each(tunnels.map((tunnel) => [tunnel.kind, tunnel] as const))('%s', (kind, tunnel) => {
  const encloses = enclosed[kind];
  const onWire = (inner: Packet): Buffer => {
    const bytes = rawPacket(inner);
    const outer = encloses?.(bytes);
    return outer ? ipv4(nodes.source, nodes.destination, outer.protocol, outer.payload) : bytes;
  };
  const seen = (...packets: readonly Packet[]) => parseTcpdump(tcpdumpOf(packets.map(onWire), { filter, snapLength }));

  test('a packet is read back out of the text that tcpdump prints of the packet around it', () => {
    const [first, second, ...more] = seen(ping, syn);
    const carried = { outer: encloses ? nodes : null, source, destination };
    expect(first).toMatchObject({ ...carried, protocol: 'icmp', detail: 'request', key: 'icmp 4660/1 663' });
    expect(second).toMatchObject({ ...carried, protocol: 'tcp', detail: 'S', key: 'tcp 40112>8080 seq 1' });
    expect(more).toEqual([]);
  });

  test("the filter takes pings, SYN and RST of the asked pair both ways, also from its node's tunnel address", () => {
    const asked = [
      ping,
      tcp({}),
      tcp({ ...back, tcpFlags: ['SYN', 'ACK'] }),
      tcp({ ...back, tcpFlags: ['RST', 'ACK'] }),
      ...(encloses ? [tcp({ source: tunnelAddress }), tcp({ ...back, destination: tunnelAddress })] : []),
      // What leaves the pods' network has the address of its node by then.
      ...(encloses ? [] : [tcp({ source: nodes.source }), tcp({ ...back, destination: nodes.source })]),
    ];
    expect(seen(...asked).map((packet) => `${packet.source} ${packet.destination} ${packet.detail}`)).toEqual(
      asked.map((packet) => `${packet.source} ${packet.destination} ${tcpWords(packet)}`),
    );
  });

  test('the filter takes neither what a connection carries nor what others send', () => {
    expect(
      seen(tcp({ tcpFlags: ['PSH', 'ACK'] }), tcp({ tcpFlags: ['ACK'] }), tcp({ source: stranger }), {
        ...ping,
        destination: stranger,
      }),
    ).toEqual([]);
  });

  test("a UDP flow's filter takes its datagrams both ways and pings, and neither another port nor TCP", () => {
    const datagram = packetOf({
      source,
      destination,
      protocol: 17,
      sourcePort: 40_112,
      destinationPort: 5300,
      length: 90,
    });
    const answer = { ...datagram, source: destination, destination: source, sourcePort: 5300, destinationPort: 40_112 };
    const taken = [datagram, answer, ping];
    const others = [
      { ...datagram, destinationPort: 5301 },
      { ...datagram, source: stranger },
      tcp({ destinationPort: 5300 }),
    ];
    const udp = { filter: udpArgv.at(-1) ?? '', snapLength: Number(udpArgv[udpArgv.indexOf('-s') + 1]) };
    const found = parseTcpdump(tcpdumpOf([...taken, ...others].map(onWire), udp));
    expect(found.map((packet) => [packet.protocol, packet.source, packet.destinationPort])).toEqual([
      ['udp', source, 5300],
      ['udp', destination, 40_112],
      ['icmp', source, null],
    ]);
  });

  test('the filter does not mistake other bytes for the asked addresses', () => {
    const bytes = onWire(ping);
    // IPv6 in the inner frame, another protocol, another port: all with the bytes of the asked pair where they would be.
    const others = [
      ...(tunnel.headerBytes > 20 ? [{ at: tunnel.headerBytes - 2, value: 0x86dd }] : []),
      ...(tunnel.port === null ? [] : [{ at: 22, value: tunnel.port + 1 }]),
      ...(encloses ? [{ at: 8, value: 0x4063 }] : []),
    ];
    for (const { at, value } of others) {
      const changed = Buffer.from(bytes);
      changed.writeUInt16BE(value, at);
      expect([at, tcpdumpOf([changed], { filter, snapLength })]).toEqual([at, '']);
    }
    expect(others.length > 0).toBe(kind !== 'none');
  });

  test('the outer packet has the addresses, protocol and length that travel', () => {
    for (const inner of [ping, syn]) {
      const outer = packetOf(tunnel.outer(inner, nodes));
      const bytes = onWire(inner);
      expect([outer.source, outer.destination]).toEqual(
        [12, 16].map((at) => [...bytes.subarray(at, at + 4)].join('.')),
      );
      expect([outer.protocol, outer.length]).toEqual([bytes[9], bytes.length]);
      if (tunnel.port !== null)
        expect([outer.destinationPort, bytes.readUInt16BE(22)]).toEqual([tunnel.port, tunnel.port]);
      expect(bytes.length - (inner.length ?? 0)).toBe(tunnel.headerBytes);
      if (tunnel.protocol !== null) expect([tunnel.protocol, tunnelOfOuter(outer)]).toEqual([bytes[9], tunnel]);
    }
    expect(packetOf(tunnel.outer({ ...ping, length: null }, nodes)).length).toBeNull();
  });

  test('its kernel chooses the source port, so a rule for the port of a server does not take the outer packet', () => {
    const node = { localAddresses: null, reversePath: null };
    const at = {
      hook: 'INPUT',
      priority: 0,
      untracked: false,
      rewritten: { source: false, destination: false },
    } as const;
    const matches = (from: number, to: number) =>
      matchPacket(
        { kind: 'port', text: '', negated: false, side: 'source', ranges: [{ from, to }] },
        { ...at, packet: packetOf(tunnel.outer(ping, nodes)), node, findSet: () => undefined },
      );
    if (tunnel.port === null) return expect(typeof matches(53, 53)).toBe('string');
    expect(matches(53, 53)).toBe(false);
    expect(matches(1024, 65_535)).toBe(true);
    return expect(typeof matches(40_000, 40_000)).toBe('string');
  });

  test('tcpdump compiles its filter alone', () => {
    const alone =
      fillTemplate({ ...tcpdumpFlow, argv: [tunnel.captureFilter] }, namedIn(tunnel.captureFilter)).argv[0] ?? '';
    expect(execFileSync('tcpdump', ['-d', '-y', 'EN10MB', alone], { encoding: 'utf8', stdio: 'pipe' })).toMatch(
      /ret\s+#\d+/,
    );
  });

  test('its device is an interface name, and leads to it', () => {
    if (!tunnel.device) return expect(tunnel).toBe(none);
    expect(tunnel.device.name).toMatch(parameterPatterns.interface);
    return expect(tunnelOfDevice(tunnel.device.name)).toBe(tunnel);
  });
});

/** Values for the placeholders that a filter holds. */
function namedIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/\{(\w+):(\w+)\}/g)].map(([, name = '', type]) => [
      name,
      type === 'hex' ? hexAddress(source) : source,
    ]),
  );
}

function tcpWords({ protocol, tcpFlags }: Packet): string {
  if (protocol === 1) return 'request';
  return (tcpFlags ?? []).map((flag) => (flag === 'ACK' ? '.' : flag.slice(0, 1))).join('');
}

// Outer and inner packet as real Calico's nodes sent them, and the MTU of its devices.
test.each([
  ['healthy-legacy', 'ipip', 'n1/tcpdump-any-nvv-ip-proto-4.txt'],
  ['healthy-vxlan-legacy', 'vxlan', 'n1/tcpdump-any-nvv-udp-port-4789.txt'],
] as const)('in %s real packets and devices are as %s says', (name, kind, file) => {
  const capture = readCapture(name);
  const tunnel = tunnels.find((one) => one.kind === kind);
  const lengths = [...(capture.text(file) ?? '').matchAll(/proto \w+ \((\d+)\), length (\d+)\)/g)].map(
    ([, protocol, length]) => ({ protocol: Number(protocol), length: Number(length) }),
  );
  expect(lengths.length).toBeGreaterThan(3);
  lengths.forEach(({ protocol, length }, at) => {
    if (at % 2 === 0)
      expect([protocol, length - (lengths[at + 1]?.length ?? 0)]).toEqual([tunnel?.protocol, tunnel?.headerBytes]);
  });
  const mtu = (device = '') =>
    Number(
      new RegExp(String.raw`^\d+: ${device}[:@].* mtu (\d+)`, 'm').exec(capture.text('n1/ip-d-addr.txt') ?? '')?.[1],
    );
  expect(mtu('eth0') - mtu(tunnel?.device?.name)).toBe(tunnel?.headerBytes);
});

test.each([
  ['Always', 'Never', true, 'ipip'],
  ['Always', undefined, false, 'ipip'],
  ['Never', 'Always', true, 'vxlan'],
  [undefined, 'Always', false, 'vxlan'],
  ['CrossSubnet', 'Never', true, 'none'],
  ['CrossSubnet', 'Never', false, 'ipip'],
  ['Never', 'CrossSubnet', true, 'none'],
  ['Never', 'CrossSubnet', false, 'vxlan'],
  ['Never', 'Never', false, 'none'],
  [undefined, undefined, false, 'none'],
] as const)('a pool of ipipMode %s and vxlanMode %s, neighbours %s: %s', (ipipMode, vxlanMode, neighbours, kind) => {
  const spec = { cidr: '10.244.0.0/16', ...(ipipMode ? { ipipMode } : {}), ...(vxlanMode ? { vxlanMode } : {}) };
  expect(tunnelOfPool({ spec }, neighbours).kind).toBe(kind);
});

test('no other interface leads into a tunnel', () => {
  expect(['eth0', 'tunl1', 'cali4e199eba087', '', null].map((device) => tunnelOfDevice(device).kind)).toEqual(
    Array.from({ length: 5 }, () => 'none'),
  );
});
