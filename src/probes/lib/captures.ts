import type { RunningCommand, Transcript } from '../../model/command.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { CapturePlace, Flow, PathCapture } from '../../model/facts.ts';
import { LookError } from '../../model/look-error.ts';
import type { NodeLook } from '../../model/probe.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { captureLimit } from '../../commands/tcpdump.ts';
import { chosenWay, egressWay } from '../../ruleset/flow-walks/chosen-way.ts';
import { isOnNodeNetwork } from '../../ruleset/flow-walks/ends.ts';
import { droppedByKernel, hexAddress, parseTcpdump, type CapturedPacket } from '../parse/tcpdump.ts';
import type { WalkedNode } from '../../ruleset/flow-walks/walked-node.ts';
import { podDevice } from '../../ruleset/flow-walks/way-questions.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';
import { tcpdumpFlow } from '../../commands/tcpdump.ts';

export interface CaptureQuestion {
  readonly flow: Flow;
  readonly targetNode: NodeLook<CaptureCommand>;
  readonly sourceNode: NodeLook<CaptureCommand>;
  readonly target: WalkedNode;
  readonly source: WalkedNode;
}
export const captureCommands = [tcpdumpFlow] as const;
export type CaptureCommand = (typeof captureCommands)[number]['id'];

interface RunningCapture {
  readonly hop: CapturePlace['hop'];
  readonly node: string;
  readonly interface: string;
  readonly running: RunningCommand;
}

/** An ICMP packet above this many bytes is one of the large probes. */
const large = 1000;

/** Begins one capture a node and waits until each listens; `finish` ends them and tells what each saw. */
export async function startCaptures(
  question: CaptureQuestion,
): Promise<{ readonly finish: () => Promise<Fact<PathCapture>> }> {
  const { flow, targetNode, sourceNode, target, source } = question;
  const crossNode = flow.source.node !== flow.destination.node;
  const tunnelAddress = nodeSourceAddress(flow, source);
  const sourceAddress = isOnNodeNetwork(flow.source) ? tunnelAddress : flow.source.address;
  const params = {
    source: sourceAddress,
    destination: flow.destination.address,
    sourceHex: hexAddress(sourceAddress),
    tunnelHex: hexAddress(tunnelAddress),
    destinationHex: hexAddress(flow.destination.address),
    sourceNode: flow.source.nodeAddress ?? sourceAddress,
    targetNode: flow.destination.nodeAddress ?? flow.destination.address,
  };
  const begun: RunningCapture[] = [];
  const begin = (hop: CapturePlace['hop'], look: NodeLook<CaptureCommand>, device: string | null) => {
    if (device)
      begun.push({
        hop,
        node: look.node,
        interface: device,
        running: look.start(tcpdumpFlow, { ...params, interface: device }),
      });
  };
  if (crossNode) {
    begin(
      'source-card',
      sourceNode,
      flow.destination.nodeAddress
        ? chosenWay(source, { of: 'source-outer', destination: flow.destination.nodeAddress }).device
        : null,
    );
    begin(
      'target-card',
      targetNode,
      flow.source.nodeAddress
        ? chosenWay(target, { of: 'reply-target-outer', destination: flow.source.nodeAddress }).device
        : null,
    );
  } else {
    const pod = podDevice(flow.destination, target);
    begin('target-pod', targetNode, pod ?? flow.destination.interface);
  }
  const failure = await firstFailure(begun);
  return {
    async finish() {
      for (const { running } of begun) running.stop();
      const ended = await Promise.all(
        begun.map(async (capture) => ({ capture, transcript: await capture.running.result.catch(asLookError) })),
      );
      const transcripts = ended.flatMap(({ transcript }) => (transcript instanceof LookError ? [] : [transcript]));
      const evidence = transcripts.map((transcript) => ({
        ...evidenceOf(transcript),
        excerpt: `${transcript.stdout.trim()}\n${transcript.stderr.trim()}`.trim(),
      }));
      const lost =
        failure ??
        ended
          .map(({ transcript }) => (transcript instanceof LookError ? transcript : endedEarly(transcript)))
          .find((trouble) => trouble !== null) ??
        null;
      if (lost) return unavailable(lost.code, lost.message, evidence);
      const encapsulation = !crossNode ? 'local' : tunnelOfDevice(egressWay(flow, source).device).kind;
      const places = ended.map(({ capture, transcript }) =>
        placeOf(capture, transcript as Transcript, { ...params, tunnel: tunnelAddress }),
      );
      return observed<PathCapture>({ encapsulation, places }, evidence);
    },
  };
}

async function firstFailure(begun: readonly RunningCapture[]): Promise<LookError | null> {
  const settled = await Promise.allSettled(begun.map(({ running }) => running.ready));
  const failed = settled.find((result) => result.status === 'rejected');
  return failed ? asLookError(failed.reason) : null;
}

/** A capture that was over before the run was did not see what came later: nothing in it is "not seen". */
function endedEarly(transcript: Transcript): LookError | null {
  if (transcript.timedOut)
    return new LookError('timeout', `the capture on ${transcript.node} was ended before the last packets`);
  if (transcript.truncated || parseTcpdump(transcript.stdout).length >= captureLimit)
    return new LookError('output-too-large', `the capture on ${transcript.node} was full before the last packets`);
  return null;
}

function asLookError(error: unknown): LookError {
  return error instanceof LookError
    ? error
    : new LookError('command-failed', error instanceof Error ? error.message : String(error));
}

/** The address with which the source's node itself sends to the pod: through a tunnel, the tunnel's. */
function nodeSourceAddress(flow: Flow, source: WalkedNode): string {
  const { device } = egressWay(flow, source);
  return (
    source.links.find((link) => link.name === device)?.addresses[0]?.address ??
    flow.source.nodeAddress ??
    flow.source.address
  );
}

function between(packet: CapturedPacket, source: string, destination: string): boolean {
  return packet.source === source && packet.destination === destination;
}

function isLarge({ length }: CapturedPacket): boolean {
  return length !== null && length > large;
}

function placeOf(
  capture: RunningCapture,
  transcript: Transcript,
  ends: {
    readonly source: string;
    readonly tunnel: string;
    readonly destination: string;
    readonly sourceNode: string;
    readonly targetNode: string;
  },
): CapturePlace {
  const packets = parseTcpdump(transcript.stdout);
  const keys = (wanted: (packet: CapturedPacket) => boolean) => [
    ...new Set(packets.filter(wanted).map(({ key }) => key)),
  ];
  const isOurs = (address: string) => address === ends.source || address === ends.tunnel;
  const isRequest = (packet: CapturedPacket) =>
    isOurs(packet.source) &&
    packet.destination === ends.destination &&
    (packet.detail === 'request' || packet.detail === 'S' || packet.protocol === 'udp');
  const isControl = (packet: CapturedPacket) =>
    packet.outer === null &&
    packet.protocol === 'icmp' &&
    between(packet, ends.sourceNode, ends.targetNode) &&
    packet.detail === 'request' &&
    ends.sourceNode !== ends.source;
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
    replies: keys((packet) => packet.source === ends.destination && isOurs(packet.destination)),
    control: keys((packet) => isControl(packet) && !isLarge(packet)),
    largeControl: keys((packet) => isControl(packet) && isLarge(packet)),
    droppedByKernel: droppedByKernel(transcript.stderr),
    outer: [...outer.values()],
  };
}
