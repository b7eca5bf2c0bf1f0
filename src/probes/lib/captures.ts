import { isCrossNode, leavesCluster } from '../../model/flow-place.ts';
import type { RunningCommand, Transcript } from '../../model/command.ts';
import type { Sighting } from '../../model/sightings.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { CapturePlace, PathCapture } from '../../model/path-capture.ts';
import type { Flow } from '../../model/flow.ts';
import { LookError } from '../../model/look-error.ts';
import type { NodeLook } from '../../model/probe.ts';
import { toolError } from './evidence.ts';
import { isLarge, placeOf, type CaptureSpot } from './captured-place.ts';
import { flowCapture, type CaptureCommand } from './capture-commands.ts';
import { chosenWay, egressWay } from '../../flow-walks/chosen-way.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { hasOtherPort } from '../../flow-walks/other-port.ts';
import { openedConnections, parseTcpdump, type CapturedPacket } from '../parse/tcpdump.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';
import { podDevice } from '../../flow-walks/way-questions.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';
import { captureLimit } from '../../commands/tcpdump.ts';
import {
  asLookError,
  captureEvidence,
  endAll,
  sightingsOf,
  stopAll,
  type AskedPackets,
  type EndedCapture,
} from './sightings.ts';

export interface CaptureQuestion {
  readonly flow: Flow;
  readonly targetNode: NodeLook<CaptureCommand>;
  readonly sourceNode: NodeLook<CaptureCommand>;
  readonly target: WalkedNode;
  readonly source: WalkedNode;
  /** IP lengths of the pings that are sent while all captures listen. Not given: any may be one. */
  readonly pings?: ReadonlySet<number>;
}

interface RunningCapture extends CaptureSpot {
  readonly running: RunningCommand;
}

export interface Captures {
  /** Ends them and tells what each saw; unavailable where one of them did not see everything. */
  readonly finish: () => Promise<Fact<PathCapture>>;
  /**
   * Ends them and tells what each saw of the asked packets.
   * @param length IP length of the asked pings; null: any
   * @param sent asked packets that were sent while it captured
   */
  readonly sightings: (length: number | null, sent: number) => Promise<readonly Sighting[]>;
  /** Ends them, where nobody needs what they saw. */
  readonly stop: () => void;
}

/** Begins one capture a node and waits until each listens. */
export async function startCaptures(question: CaptureQuestion): Promise<Captures> {
  const { flow, targetNode, sourceNode, target, source } = question;
  const crossNode = isCrossNode(flow);
  const tunnelAddress = nodeSourceAddress(flow, source);
  const sourceAddress = isOnNodeNetwork(flow.source) ? tunnelAddress : flow.source.address;
  const ends = {
    source: sourceAddress,
    tunnel: tunnelAddress,
    destination: flow.destination.address,
    sourceNode: flow.source.nodeAddress ?? sourceAddress,
    targetNode: flow.destination.nodeAddress ?? flow.destination.address,
  };
  const { command, params } = flowCapture(flow.port, ends);
  const begun: RunningCapture[] = [];
  const begin = (hop: CapturePlace['hop'], look: NodeLook<CaptureCommand>, device: string | null) => {
    if (device)
      begun.push({
        hop,
        node: look.node,
        interface: device,
        running: look.start(command, { ...params, interface: device }),
      });
  };
  // A filter knows one port of a tunnel: of another one it would hold nothing, which is not "not seen".
  if (crossNode && hasOtherPort(egressWay(flow, source).device, source.links)) {
    // Captures at the pods' interfaces follow the flow.
  } else if (crossNode) {
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
  } else if (leavesCluster(flow)) {
    begin('source-card', sourceNode, egressWay(flow, source).device);
  } else {
    const pod = podDevice(flow.destination, target);
    begin('target-pod', targetNode, pod ?? flow.destination.interface);
  }
  const failure = await firstFailure(begun);
  const end = async () => {
    const transcripts = await endAll(begun);
    return begun.flatMap((capture, at) => {
      const transcript = transcripts[at];
      return transcript ? [{ capture, transcript }] : [];
    });
  };
  return {
    stop: () => stopAll(begun),
    async sightings(length, sent) {
      const asked = askedPackets(question, length);
      const captures = (await end()).map(
        ({ capture: { hop: point, node, interface: device }, transcript }): EndedCapture => ({
          point,
          node,
          interface: device,
          transcript,
          isControl: controlOn(point, ends),
          // The large pings between the nodes are sent where the first packets were lost.
          isAfter: (packet) => point !== 'target-pod' && isLarge(packet) && controlOn(point, ends)(packet),
        }),
      );
      return sightingsOf(captures, asked, sent);
    },
    async finish() {
      const ended = await end();
      const transcripts = ended.map(({ transcript }) => transcript);
      const evidence = captureEvidence(transcripts);
      const lost =
        transcripts
          .map((one) => (one instanceof LookError ? null : toolError(one)))
          .find((trouble) => trouble !== null) ??
        failure ??
        ended
          .map(({ transcript }) => (transcript instanceof LookError ? transcript : endedEarly(transcript)))
          .find((trouble) => trouble !== null) ??
        null;
      if (lost) return unavailable(lost.code, lost.message, evidence);
      const encapsulation = !crossNode ? 'local' : tunnelOfDevice(egressWay(flow, source).device).kind;
      const read = ended.map(({ capture, transcript }) => ({
        capture,
        transcript: transcript as Transcript,
        packets: parseTcpdump((transcript as Transcript).stdout),
      }));
      const opened = openedConnections(read.flatMap(({ packets }) => packets));
      const places = read.map((one) => placeOf(one, opened, ends, question.pings ?? null));
      return observed<PathCapture>({ encapsulation, places }, evidence);
    },
  };
}

/** How the asked packets are known in a capture, whichever address their node gave them. */
export function askedPackets(
  { flow, source }: Pick<CaptureQuestion, 'flow' | 'source'>,
  length: number | null,
): AskedPackets {
  const { address, nodeAddress } = flow.source;
  // Within one node, what the node itself sends is another flow.
  const rewritten =
    !isCrossNode(flow) && !leavesCluster(flow) ? [] : [nodeSourceAddress(flow, source), nodeAddress ?? address];
  return {
    sources: [...new Set([address, ...rewritten])],
    destination: flow.destination.address,
    port: flow.port,
    length,
  };
}

/** Between the nodes their own pings are the control; where the pod hangs, those of its node to the pod. */
function controlOn(
  hop: CapturePlace['hop'],
  { sourceNode, targetNode, destination }: Readonly<Record<'sourceNode' | 'targetNode' | 'destination', string>>,
) {
  return ({ outer, protocol, detail, source: from, destination: to }: CapturedPacket) =>
    outer === null &&
    protocol === 'icmp' &&
    detail === 'request' &&
    (hop === 'target-pod' ? from === targetNode && to === destination : from === sourceNode && to === targetNode);
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

/** The address with which the source's node itself sends to the pod: through a tunnel, the tunnel's. */
export function nodeSourceAddress(flow: Flow, source: WalkedNode): string {
  const { device } = egressWay(flow, source);
  return (
    source.links.find((link) => link.name === device)?.addresses[0]?.address ??
    flow.source.nodeAddress ??
    flow.source.address
  );
}
