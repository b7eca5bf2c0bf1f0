import type { RunningCommand, Transcript } from '../../model/command.ts';
import type { Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { LookError } from '../../model/look-error.ts';
import type { Sighting, WayPoint } from '../../model/sightings.ts';
import type { FlowPort } from '../../model/target.ts';
import { captureLimit } from '../../commands/tcpdump.ts';
import {
  droppedByKernel,
  notPrinted,
  opensConnection,
  parseTcpdump,
  silentAddresses,
  type CapturedPacket,
} from '../parse/tcpdump.ts';

/** How the asked packets of a flow are known among all that a capture prints. */
export interface AskedPackets {
  /** The source's address, and those that its node may have given the packets instead. */
  readonly sources: readonly string[];
  readonly destination: string;
  readonly port: FlowPort;
  /** IP length of the asked pings; null: any. */
  readonly length: number | null;
}

/** Is it a packet that the capture had to see, whatever becomes of the asked ones? */
type IsControl = (packet: CapturedPacket) => boolean;

/** One capture that is over: at a point of the way, with what it was to see. */
export interface EndedCapture {
  readonly point: WayPoint;
  readonly node: string;
  readonly interface: string;
  readonly transcript: Transcript | LookError;
  readonly isControl: IsControl;
  /**
   * Was it sent after the asked packets were over? Packets are printed in their order: where such a one is printed, the
   * asked ones were, too, whatever came behind it.
   */
  readonly isAfter: IsControl;
}

/**
 * Returns what captures that ran at the same time saw of the asked packets. An answer counts where a capture saw its
 * request: a pod answers an older one again and again for a minute. Never throws: what went wrong is part of a
 * sighting.
 */
export function sightingsOf(captures: readonly EndedCapture[], asked: AskedPackets, sent: number): readonly Sighting[] {
  const sightings = captures.map((capture) => sightingOf(capture, asked, sent));
  const known = new Set(sightings.flatMap(({ requests }) => requests));
  return sightings.map((sighting) => {
    const replies = sighting.replies.filter((mark) => known.has(mark) || (known.size > 0 && isRefusal(mark, asked)));
    return { ...sighting, replies, strays: sighting.replies.length - replies.length };
  });
}

/** A closed port's refusal of a datagram does not say of which one. */
function isRefusal(mark: string, { port }: AskedPackets): boolean {
  return port.protocol === 'udp' && mark === `udp ${port.number}`;
}

function sightingOf(capture: EndedCapture, asked: AskedPackets, sent: number): Sighting {
  const { point, node, transcript, isControl, isAfter } = capture;
  const [stdout, stderr] = transcript instanceof LookError ? ['', ''] : [transcript.stdout, transcript.stderr];
  const packets = parseTcpdump(stdout);
  const requests = packets.filter((packet) => isRequest(packet, asked));
  const replies = packets.filter((packet) => isReply(packet, asked));
  return {
    point,
    node,
    interface: capture.interface,
    sent,
    requests: marksOf(requests, ({ sourcePort }) => sourcePort),
    sources: [...new Set(requests.map(({ source }) => source))],
    replies: marksOf(replies, ({ destinationPort }) => destinationPort),
    control: packets.filter((packet) => isControl(packet) && !isRequest(packet, asked)).length,
    droppedByKernel: droppedByKernel(stderr),
    trouble: troubleOf(transcript, packets.length, packets.some(isAfter)),
    outer: outerOf(requests),
    replyOuter: outerOf(replies),
    silent: silentAddresses(stdout),
    strays: 0,
  };
}

/** A request of the flow's own protocol: a ping is not the beginning of a connection. */
function isRequest(packet: CapturedPacket, { sources, destination, port, length }: AskedPackets): boolean {
  if (!sources.includes(packet.source) || packet.destination !== destination) return false;
  if (port.protocol === 'icmp') return packet.detail === 'request' && (length ?? packet.length) === packet.length;
  if (packet.protocol !== port.protocol || packet.destinationPort !== port.number) return false;
  return port.protocol === 'udp' || opensConnection(packet);
}

/** Any answer: also a refusal. */
function isReply(packet: CapturedPacket, { sources, destination, port, length }: AskedPackets): boolean {
  if (packet.source !== destination || !sources.includes(packet.destination)) return false;
  if (port.protocol === 'icmp') return packet.detail === 'reply' && (length ?? packet.length) === packet.length;
  if (packet.detail === 'unreachable') return packet.key === `${port.protocol} ${port.number}`;
  return packet.protocol === port.protocol && packet.sourcePort === port.number;
}

/** Returns what marks the asked packets that a capture printed with this source address. */
export function clientMarks(stdout: string, asked: AskedPackets, client: string): readonly string[] {
  const requests = parseTcpdump(stdout).filter((packet) => isRequest(packet, { ...asked, sources: [client] }));
  return marksOf(requests, ({ sourcePort }) => sourcePort);
}

function marksOf(packets: readonly CapturedPacket[], clientPort: (packet: CapturedPacket) => number | null) {
  return [...new Set(packets.map((packet) => `${clientPort(packet) ?? packet.key}`))];
}

function outerOf(packets: readonly CapturedPacket[]): Sighting['outer'] {
  return packets.find(({ outer }) => outer !== null)?.outer ?? null;
}

function troubleOf(transcript: Transcript | LookError, printed: number, isWhole: boolean): string | null {
  if (transcript instanceof LookError) return transcript.message;
  if (transcript.timedOut) return 'the capture ended before the last packets';
  if (transcript.truncated || printed >= captureLimit) return 'the capture was full before the last packets';
  const missing = isWhole ? 0 : notPrinted(transcript.stderr);
  return missing !== null && missing > 0 ? `the capture did not print ${missing} of the packets that it saw` : null;
}

/** A capture under way. */
export interface RunningCapture {
  readonly running: RunningCommand;
}

/** Waits until every capture listens, or ended before. */
export async function allListening(captures: readonly RunningCapture[]): Promise<void> {
  await Promise.allSettled(captures.map(({ running }) => running.ready));
}

/** Ends captures of which nobody needs the rest. */
export function stopAll(captures: readonly RunningCapture[]): void {
  for (const { running } of captures) running.stop();
}

/** Ends captures, and returns what each of them printed, or why it did not. */
export async function endAll(captures: readonly RunningCapture[]): Promise<readonly (Transcript | LookError)[]> {
  stopAll(captures);
  return Promise.all(captures.map(({ running }) => running.result.catch(asLookError)));
}

export function asLookError(error: unknown): LookError {
  return error instanceof LookError
    ? error
    : new LookError('command-failed', error instanceof Error ? error.message : String(error));
}

/** Returns what captures printed as evidence, what tcpdump said at their end included. */
export function captureEvidence(transcripts: readonly (Transcript | LookError)[]): readonly Evidence[] {
  return transcripts.flatMap((transcript) =>
    transcript instanceof LookError
      ? []
      : [{ ...evidenceOf(transcript), excerpt: `${transcript.stdout.trim()}\n${transcript.stderr.trim()}`.trim() }],
  );
}
