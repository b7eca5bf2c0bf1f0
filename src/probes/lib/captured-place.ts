import type { Transcript } from '../../model/command.ts';
import type { CapturePlace } from '../../model/path-capture.ts';
import { droppedByKernel, opensConnection, type CapturedPacket } from '../parse/tcpdump.ts';

/** Where a capture ran. */
export type CaptureSpot = Pick<CapturePlace, 'hop' | 'node' | 'interface'>;

/** An ICMP packet above this many bytes is one of the large probes. */
const large = 1000;

export function isLarge({ length }: CapturedPacket): boolean {
  return length !== null && length > large;
}

function answersOpened(
  { protocol, sourcePort, destinationPort }: CapturedPacket,
  opened: ReadonlySet<string>,
): boolean {
  return protocol !== 'tcp' || opened.has(`${destinationPort}>${sourcePort}`);
}

/**
 * What one capture saw. A server repeats its answers to connections that failed before: the capture that began first
 * may hold such an answer, and the other not. So only answers to connections that began during the capture count.
 * @param pings IP lengths of the pings that were sent while all captures listened; null: any may be one. Others ping
 * the pod as well, and the bot's own search for sizes does: of these too, one capture may hold what the other does not.
 */
export function placeOf(
  {
    capture,
    transcript,
    packets,
  }: {
    readonly capture: CaptureSpot;
    readonly transcript: Transcript;
    readonly packets: readonly CapturedPacket[];
  },
  opened: ReadonlySet<string>,
  ends: {
    readonly source: string;
    readonly tunnel: string;
    readonly destination: string;
    readonly sourceNode: string;
    readonly targetNode: string;
  },
  pings: ReadonlySet<number> | null,
): CapturePlace {
  const keys = (wanted: (packet: CapturedPacket) => boolean) => [
    ...new Set(packets.filter(wanted).map(({ key }) => key)),
  ];
  const isOurs = (address: string) => address === ends.source || address === ends.tunnel;
  const isOthersPing = ({ protocol, length }: CapturedPacket) =>
    protocol === 'icmp' && length !== null && pings !== null && !pings.has(length);
  const isRequest = (packet: CapturedPacket) =>
    !isOthersPing(packet) &&
    isOurs(packet.source) &&
    packet.destination === ends.destination &&
    (packet.detail === 'request' || opensConnection(packet) || packet.protocol === 'udp');
  const isPlainPing = ({ outer: around, protocol }: CapturedPacket) =>
    around === null && protocol === 'icmp' && ends.sourceNode !== ends.source;
  const isControl = (packet: CapturedPacket) =>
    isPlainPing(packet) &&
    packet.source === ends.sourceNode &&
    packet.destination === ends.targetNode &&
    packet.detail === 'request';
  const isControlReply = (packet: CapturedPacket) =>
    isPlainPing(packet) &&
    packet.source === ends.targetNode &&
    packet.destination === ends.sourceNode &&
    packet.detail === 'reply';
  const isReply = (packet: CapturedPacket) =>
    !isOthersPing(packet) &&
    packet.source === ends.destination &&
    isOurs(packet.destination) &&
    answersOpened(packet, opened);
  const plain = keys((packet) => packet.outer === null && (isRequest(packet) || isReply(packet)));
  const outer = new Map(
    packets.flatMap((packet) =>
      packet.outer ? [[`${packet.outer.source}>${packet.outer.destination}`, packet.outer] as const] : [],
    ),
  );
  return {
    node: capture.node,
    interface: capture.interface,
    hop: capture.hop,
    requests: keys((packet) => isRequest(packet) && !isLarge(packet)),
    largeRequests: keys((packet) => isRequest(packet) && isLarge(packet)),
    replies: keys(isReply),
    ...(plain.length > 0 ? { plain } : {}),
    control: keys((packet) => isControl(packet) && !isLarge(packet)),
    largeControl: keys((packet) => isControl(packet) && isLarge(packet)),
    controlReplies: keys(isControlReply),
    droppedByKernel: droppedByKernel(transcript.stderr),
    outer: [...outer.values()],
  };
}
