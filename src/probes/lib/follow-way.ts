import type { Evidence } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/facts.ts';
import type { NodeLook } from '../../model/probe.ts';
import { deviceTo } from '../../model/routes.ts';
import type { Sighting, WayPoint } from '../../model/sightings.ts';
import { tcpdumpBare } from '../../commands/tcpdump.ts';
import { isOnNodeNetwork } from '../../ruleset/flow-walks/ends.ts';
import type { WalkedNode } from '../../ruleset/flow-walks/legs.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';
import { askedPackets, nodeSourceAddress, type CaptureQuestion } from './captures.ts';
import type { Sending } from './marked-sending.ts';
import { allListening, captureEvidence, endAll, sightingOf, type RunningCapture } from './sightings.ts';

export const followCommands = [tcpdumpBare] as const;
export type FollowCommand = (typeof followCommands)[number]['id'];

export interface FollowQuestion extends CaptureQuestion {
  readonly targetNode: NodeLook<CaptureQuestion['targetNode'] extends NodeLook<infer C> ? C | FollowCommand : never>;
  readonly sourceNode: FollowQuestion['targetNode'];
  readonly sending: Sending;
}

/** A point that is listened to on an interface on which packets travel as they are. */
interface BarePoint {
  readonly point: WayPoint;
  readonly at: 'target' | 'source';
  readonly interface: string;
  /** Its node pings this address, and the pings leave by this very interface. */
  readonly control: string;
  /** Whose address others ask for by ARP here. */
  readonly owner: string;
}

export interface Followed {
  readonly sightings: readonly Sighting[];
  readonly evidence: readonly Evidence[];
}

/**
 * Follows one more packet of a flow that does not work, where the first ones were not listened for: at the interfaces of
 * both pods, then (only where it vanishes on the target's node) at the tunnel's. One capture a node at a time.
 * @param seen what was seen of the first packets
 */
export async function followWay(question: FollowQuestion, seen: readonly Sighting[]): Promise<Followed> {
  const first = await pass(question, atPods(question, seen));
  const known = [...seen, ...first.sightings];
  const more = await pass(question, [...atPodAgain(question, known), ...inTunnel(question, known)]);
  return {
    sightings: [...first.sightings, ...more.sightings],
    evidence: [...first.evidence, ...more.evidence],
  };
}

function isCrossNode({ flow }: CaptureQuestion): boolean {
  return flow.source.node !== flow.destination.node;
}

function podPoint(point: WayPoint, at: 'target' | 'source', end: FlowEnd, node: WalkedNode): readonly BarePoint[] {
  if (isOnNodeNetwork(end)) return [];
  const device = deviceTo(node.routes, end.address) ?? end.interface;
  return device ? [{ point, at, interface: device, control: end.address, owner: end.address }] : [];
}

/** Both pods' interfaces; within one node the target's was listened to already. */
function atPods(question: FollowQuestion, seen: readonly Sighting[]): readonly BarePoint[] {
  const { flow, source } = question;
  const fromSource = podPoint('source-pod', 'source', flow.source, source);
  if (isCrossNode(question)) return [...fromSource, ...targetPod(question)];
  return fromSource.length > 0 ? fromSource : needsAgain(seen) ? targetPod(question) : [];
}

function targetPod({ flow, target }: FollowQuestion): readonly BarePoint[] {
  return podPoint('target-pod', 'target', flow.destination, target);
}

/** Within one node, where the first capture cannot say that nothing came. */
function atPodAgain(question: FollowQuestion, seen: readonly Sighting[]): readonly BarePoint[] {
  return !isCrossNode(question) && seen.some(({ point }) => point === 'source-pod') && needsAgain(seen)
    ? targetPod(question)
    : [];
}

function needsAgain(seen: readonly Sighting[]): boolean {
  const there = seen.filter(({ point }) => point === 'target-pod');
  return there.every(({ requests, control, trouble }) => requests.length === 0 && (control === 0 || trouble !== null));
}

/** The tunnel's device on the target's node, where the packet is lost behind its network interface or its reply before. */
function inTunnel(question: FollowQuestion, seen: readonly Sighting[]): readonly BarePoint[] {
  const { flow, target, source } = question;
  if (!isCrossNode(question) || isOnNodeNetwork(flow.destination)) return [];
  const device = tunnelOfDevice(deviceTo(target.routes, flow.source.address)).device?.name;
  const far = nodeSourceAddress(flow, source);
  if (!device || deviceTo(target.routes, far) !== device) return [];
  const at = (wanted: WayPoint, what: 'requests' | 'replies') =>
    seen.some((sighting) => sighting.point === wanted && sighting[what].length > 0);
  const requestLost = at('target-card', 'requests') && !at('target-pod', 'requests');
  const replyLost = at('target-pod', 'replies') && !at('target-card', 'replies');
  return requestLost || replyLost
    ? [{ point: 'target-tunnel', at: 'target', interface: device, control: far, owner: flow.destination.address }]
    : [];
}

/** One packet as asked, with a capture at each point: there is one point a node. */
async function pass(question: FollowQuestion, points: readonly BarePoint[]): Promise<Followed> {
  if (points.length === 0) return { sightings: [], evidence: [] };
  const { flow, targetNode, sourceNode, source, sending } = question;
  const params = {
    source: flow.source.address,
    destination: flow.destination.address,
    tunnel: nodeSourceAddress(flow, source),
    sourceNode: flow.source.nodeAddress ?? flow.source.address,
    udpPort: String(flow.port.protocol === 'udp' ? flow.port.number : 0),
    controlLength: String(sending.controlLength),
  };
  const running = points.map((point): RunningCapture & { readonly point: BarePoint; readonly node: string } => {
    const look = point.at === 'target' ? targetNode : sourceNode;
    const { control, owner } = point;
    return {
      point,
      node: look.node,
      running: look.start(tcpdumpBare, { ...params, control, owner, interface: point.interface }),
    };
  });
  await allListening(running);
  const [sent] = await Promise.all([sending.again(), ...points.map(({ at, control }) => sending.control(at, control))]);
  const transcripts = await endAll(running);
  const asked = askedPackets(question, sending.length);
  return {
    sightings: running.flatMap(({ point, node }, at) => {
      const transcript = transcripts[at];
      const isControl = ({
        protocol,
        length,
        destination,
      }: Parameters<Parameters<typeof sightingOf>[0]['isControl']>[0]) =>
        protocol === 'icmp' && length === sending.controlLength && destination === point.control;
      return transcript
        ? [sightingOf({ point: point.point, node, interface: point.interface, transcript, isControl }, asked, sent)]
        : [];
    }),
    evidence: captureEvidence(transcripts),
  };
}
