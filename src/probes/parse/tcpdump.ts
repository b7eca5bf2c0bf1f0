import type { NodePair } from '../../tunnels/contract.ts';
import { readCarried } from '../../tunnels/registry.ts';

/** One packet of `tcpdump -n -l -S` (without -v), the inner one where a tunnel carries it. */
export interface CapturedPacket {
  readonly outer: NodePair | null;
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'other';
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** ICMP: `request`, `reply`, or `unreachable` (its key names the port); TCP: its flags, as `S`, `S.`, `R.`. */
  readonly detail: string;
  /** What marks this very packet on both ends: TCP port and sequence number, ICMP id, sequence and length. */
  readonly key: string;
  /** IP length where it can be told (ICMP), else null. */
  readonly length: number | null;
}

const end = String.raw`((?:\d{1,3}\.){3}\d{1,3})(?:\.(\d{1,5}))?`;
const end6 = String.raw`([0-9a-f:]{2,39})(?:\.(\d{1,5}))?`;
const packet = new RegExp(String.raw`^IP ${end} > ${end}: (?!IP )(.*)$`);
const packet6 = new RegExp(String.raw`^IP6 ${end6} > ${end6}: (?!IP6 )(.*)$`);
/** IP headers without options or extensions. */
const headers = { four: 20, six: 40 };

export function parseTcpdump(stdout: string): readonly CapturedPacket[] {
  const packets = recordsOf(stdout)
    .map(parseRecord)
    .filter((found) => found !== null);
  return packets.map((packet, at) =>
    packet.key.startsWith(withoutId) ? numbered(packet, packets.slice(0, at)) : packet,
  );
}

/** How the key of a ping begins whose id was not printed. */
const withoutId = 'icmp -/';

/** Without ids, the pings of several programs look alike: each is the next one of its direction. */
function numbered(packet: CapturedPacket, before: readonly CapturedPacket[]): CapturedPacket {
  const alike = before.filter(
    ({ key, detail, source, destination }) =>
      key === packet.key && detail === packet.detail && source === packet.source && destination === packet.destination,
  );
  return alike.length === 0 ? packet : { ...packet, key: `${packet.key} #${alike.length + 1}` };
}

/** A packet is one line, or two: the inner packet of some tunnels has a line of its own, which no time begins. */
function recordsOf(stdout: string): readonly string[] {
  const records: string[] = [];
  for (const line of stdout.split('\n')) {
    if (/^IP6? /.test(line) && records.length > 0) records.push(`${records.pop()} ${line}`);
    else records.push(line);
  }
  return records;
}

function parseRecord(record: string): CapturedPacket | null {
  const carried = readCarried(record);
  const is6 = carried?.inner.startsWith('IP6 ') ?? false;
  const inner = carried && (is6 ? packet6 : packet).exec(carried.inner);
  if (!inner) return null;
  const [, source = '', sourcePort, destination = '', destinationPort, rest = ''] = inner;
  return {
    outer: carried.outer,
    source,
    destination,
    sourcePort: sourcePort ? Number(sourcePort) : null,
    destinationPort: destinationPort ? Number(destinationPort) : null,
    ...(is6 ? describe6 : describe4)(rest, sourcePort ?? '', destinationPort ?? ''),
  };
}

type Described = Pick<CapturedPacket, 'protocol' | 'detail' | 'key' | 'length'>;

function describe4(rest: string, sourcePort: string, destinationPort: string): Described {
  const echo = /^ICMP echo (request|reply), id (\d+), seq (\d+), length (\d+)/.exec(rest);
  if (echo) return describeEcho(echo, headers.four);
  const unreachable = /^ICMP \S+ (udp|tcp) port (\d+) unreachable/.exec(rest);
  return unreachable ? describeUnreachable(unreachable) : describe(rest, sourcePort, destinationPort);
}

/** tcpdump before 4.99 does not print the id. */
function describe6(rest: string, sourcePort: string, destinationPort: string): Described {
  const echo = /^ICMP6, echo (request|reply),(?: id (\d+),)? seq (\d+), length (\d+)/.exec(rest);
  if (echo) return describeEcho(echo, headers.six);
  const unreachable = /^ICMP6, destination unreachable, unreachable port, \S+ (udp|tcp) port (\d+)/.exec(rest);
  return unreachable ? describeUnreachable(unreachable) : describe(rest, sourcePort, destinationPort);
}

function describeEcho([, detail = '', id, seq, length]: RegExpExecArray, header: number): Described {
  return {
    protocol: 'icmp',
    detail,
    key: `${id === undefined ? withoutId : `icmp ${id}/`}${seq} ${length}`,
    length: Number(length) + header,
  };
}

function describeUnreachable([, protocol, port]: RegExpExecArray): Described {
  return { protocol: 'icmp', detail: 'unreachable', key: `${protocol} ${port}`, length: null };
}

function describe(rest: string, sourcePort: string, destinationPort: string): Described {
  const tcp = /^Flags \[([^\]]*)\](?:, cksum [^,]+)?(?:, seq (\d+))?(?:[:\d]*)(?:, ack (\d+))?/.exec(rest);
  if (tcp)
    return {
      protocol: 'tcp',
      detail: tcp[1] ?? '',
      key: `tcp ${sourcePort}>${destinationPort} seq ${tcp[2] ?? '-'}`,
      length: null,
    };
  // What well-known ports carry is printed in its own words, without a word for UDP.
  if (sourcePort !== '' && destinationPort !== '' && !rest.startsWith('sctp'))
    return { protocol: 'udp', detail: '', key: `udp ${sourcePort}>${destinationPort} ${rest}`, length: null };
  return { protocol: 'other', detail: rest, key: rest, length: null };
}

/** Returns whether the packet opens a connection of TCP, also where it offers ECN: `S`, `SEW`. */
export function opensConnection({ protocol, detail }: CapturedPacket): boolean {
  return protocol === 'tcp' && detail.includes('S') && !detail.includes('.');
}

/**
 * Returns the addresses that somebody asked for by ARP, or as a neighbour of IPv6, and of which no answer was seen. Who
 * asks for an address before it takes it (from `::`, `0.0.0.0`), or tells others of its own, wants no answer.
 */
export function silentAddresses(stdout: string): readonly string[] {
  const all = (patterns: readonly RegExp[]) =>
    patterns.flatMap((pattern) => [...stdout.matchAll(pattern)].map(([, address = '']) => address));
  const answered = new Set(all([/ARP, Reply ([\d.]{7,15}) is-at /g, / tgt is ([0-9a-f:]{2,39}),/g]));
  const wanted = all([
    /ARP, Request who-has ([\d.]{7,15}) (?!(?:\([^)\n]{1,40}\) )?tell (?:\1|0\.0\.0\.0)(?![\d.]))/g,
    /\bIP6 (?!:: )[0-9a-f:]{2,39} > [0-9a-f:]{2,39}: ICMP6, neighbor solicitation, who has ([0-9a-f:]{2,39}),/g,
  ]);
  return [...new Set(wanted)].filter((address) => !answered.has(address));
}

/**
 * Returns how many packets passed the filter and were not printed, as tcpdump counts them; null where it did not say.
 */
export function notPrinted(stderr: string): number | null {
  const captured = /(\d{1,19}) packets? captured/.exec(stderr)?.[1];
  const received = /(\d{1,19}) packets? received by filter/.exec(stderr)?.[1];
  return captured === undefined || received === undefined ? null : Number(received) - Number(captured);
}

/** `N packets dropped by kernel`, from what tcpdump says at its end. */
export function droppedByKernel(stderr: string): number | null {
  const count = /(\d{1,19}) packets? dropped by kernel/.exec(stderr)?.[1];
  return count === undefined ? null : Number(count);
}

/** Ports of the connections whose beginning a capture holds, the opening end first. */
export function openedConnections(packets: readonly CapturedPacket[]): ReadonlySet<string> {
  return new Set(
    packets.filter(opensConnection).map(({ sourcePort, destinationPort }) => `${sourcePort}>${destinationPort}`),
  );
}
