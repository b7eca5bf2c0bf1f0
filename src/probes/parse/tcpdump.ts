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

const end = String.raw`((?:\d{1,3}\.){3}\d{1,3})(?:\.(\d+))?`;
const packet = new RegExp(String.raw`^IP ${end} > ${end}: (?!IP )(.*)$`);

export function parseTcpdump(stdout: string): readonly CapturedPacket[] {
  return recordsOf(stdout)
    .map(parseRecord)
    .filter((found) => found !== null);
}

/** A packet is one line, or two: the inner packet of some tunnels has a line of its own, which no time begins. */
function recordsOf(stdout: string): readonly string[] {
  const records: string[] = [];
  for (const line of stdout.split('\n')) {
    if (line.startsWith('IP ') && records.length > 0) records.push(`${records.pop()} ${line}`);
    else records.push(line);
  }
  return records;
}

function parseRecord(record: string): CapturedPacket | null {
  const carried = readCarried(record);
  const inner = carried && packet.exec(carried.inner);
  if (!inner) return null;
  const [, source = '', sourcePort, destination = '', destinationPort, rest = ''] = inner;
  return {
    outer: carried.outer,
    source,
    destination,
    sourcePort: sourcePort ? Number(sourcePort) : null,
    destinationPort: destinationPort ? Number(destinationPort) : null,
    ...describe(rest, sourcePort ?? '', destinationPort ?? ''),
  };
}

function describe(
  rest: string,
  sourcePort: string,
  destinationPort: string,
): Pick<CapturedPacket, 'protocol' | 'detail' | 'key' | 'length'> {
  const icmp = /^ICMP echo (request|reply), id (\d+), seq (\d+), length (\d+)/.exec(rest);
  if (icmp)
    return {
      protocol: 'icmp',
      detail: icmp[1] ?? '',
      key: `icmp ${icmp[2]}/${icmp[3]} ${icmp[4]}`,
      length: Number(icmp[4]) + 20,
    };
  const tcp = /^Flags \[([^\]]*)\](?:, cksum [^,]+)?(?:, seq (\d+))?(?:[:\d]*)(?:, ack (\d+))?/.exec(rest);
  if (tcp)
    return {
      protocol: 'tcp',
      detail: tcp[1] ?? '',
      key: `tcp ${sourcePort}>${destinationPort} seq ${tcp[2] ?? '-'}`,
      length: null,
    };
  const unreachable = /^ICMP \S+ (udp|tcp) port (\d+) unreachable/.exec(rest);
  if (unreachable)
    return { protocol: 'icmp', detail: 'unreachable', key: `${unreachable[1]} ${unreachable[2]}`, length: null };
  // What well-known ports carry is printed in its own words, without a word for UDP.
  if (sourcePort !== '' && destinationPort !== '' && !rest.startsWith('sctp'))
    return { protocol: 'udp', detail: '', key: `udp ${sourcePort}>${destinationPort} ${rest}`, length: null };
  return { protocol: 'other', detail: rest, key: rest, length: null };
}

/** Returns whether the packet opens a connection of TCP, also where it offers ECN: `S`, `SEW`. */
export function opensConnection({ protocol, detail }: CapturedPacket): boolean {
  return protocol === 'tcp' && detail.includes('S') && !detail.includes('.');
}

/** Returns the addresses that somebody asked for by ARP, and of which no answer was seen. */
export function silentAddresses(stdout: string): readonly string[] {
  const all = (pattern: RegExp) => [...stdout.matchAll(pattern)].map(([, address = '']) => address);
  const answered = new Set(all(/ARP, Reply ([\d.]{7,15}) is-at /g));
  return [...new Set(all(/ARP, Request who-has ([\d.]{7,15}) /g))].filter((address) => !answered.has(address));
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

/** An IPv4 address as the eight hex digits that a capture filter compares. */
export function hexAddress(address: string): string {
  return address
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('');
}

/** Ports of the connections whose beginning a capture holds, the opening end first. */
export function openedConnections(packets: readonly CapturedPacket[]): ReadonlySet<string> {
  return new Set(
    packets.filter(opensConnection).map(({ sourcePort, destinationPort }) => `${sourcePort}>${destinationPort}`),
  );
}
