import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { podDevice } from '../../flow-walks/way-questions.ts';
import { familyOf } from '../../model/addresses.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { NodeLook } from '../../model/probe.ts';
import type { WayPoint } from '../../model/sightings.ts';
import { bareCapture, bareCaptureCommands, bytesOf } from './capture-commands.ts';
import type { CaptureQuestion } from './captures.ts';
import type { Sending } from './marked-sending.ts';
import { endAll, type EndedCapture, type RunningCapture } from './sightings.ts';

type FollowCommand = (typeof bareCaptureCommands)[number]['id'];

export interface FollowQuestion extends CaptureQuestion {
  readonly targetNode: NodeLook<CaptureQuestion['targetNode'] extends NodeLook<infer C> ? C | FollowCommand : never>;
  readonly sourceNode: FollowQuestion['targetNode'];
  readonly sending: Sending;
}

/** A point that is listened to on an interface on which packets travel as they are. */
export interface BarePoint {
  readonly point: WayPoint;
  readonly at: 'target' | 'source';
  readonly interface: string;
  /** Its node pings this address, and the pings leave by this very interface. */
  readonly control: string;
  /** Whose address others ask for here, by ARP or as a neighbour of IPv6. */
  readonly owner: string;
}

export interface BareCapture extends RunningCapture {
  readonly point: BarePoint;
  readonly node: string;
}

/** The host side of a pod's interface; nothing for an end without one. */
export function podPoint(
  point: WayPoint,
  at: 'target' | 'source',
  end: FlowEnd,
  node: WalkedNode,
): readonly BarePoint[] {
  if (isOnNodeNetwork(end)) return [];
  // By its name, never by the route: that may lead elsewhere.
  const device = podDevice(end, node) ?? end.interface;
  return device ? [{ point, at, interface: device, control: end.address, owner: end.address }] : [];
}

/** @param nodes addresses that the sender's packets may have from their node instead */
export function beginBare(
  { flow, targetNode, sourceNode, sending }: Pick<FollowQuestion, 'flow' | 'targetNode' | 'sourceNode' | 'sending'>,
  points: readonly BarePoint[],
  [tunnel, sourceNodeAddress]: readonly [string, string],
): readonly BareCapture[] {
  const params = {
    source: flow.source.address,
    destination: flow.destination.address,
    tunnel,
    sourceNode: sourceNodeAddress,
    udpPort: String(flow.port.protocol === 'udp' ? flow.port.number : 0),
    controlLength: String(sending.controlLength),
  };
  const family = familyOf(flow.destination.address);
  return points.map((point) => {
    const look = point.at === 'target' ? targetNode : sourceNode;
    const { control, owner } = point;
    // Those of IPv6 ask for each other in packets whose addresses are not its own.
    const asked = family === 6 ? bytesOf('owner', owner) : { owner };
    const running = look.start(bareCapture(family), { ...params, ...asked, control, interface: point.interface });
    return { point, node: look.node, running };
  });
}

/** Ends captures; their control is a ping of `controlLength`. */
export async function endBare(
  captures: readonly BareCapture[],
  { controlLength }: Pick<Sending, 'controlLength'>,
): Promise<readonly EndedCapture[]> {
  const transcripts = await endAll(captures);
  return captures.flatMap(({ point, node }, at): readonly EndedCapture[] => {
    const transcript = transcripts[at];
    const isControl: EndedCapture['isControl'] = ({ protocol, length, destination }) =>
      protocol === 'icmp' && length === controlLength && destination === point.control;
    return transcript
      ? [{ point: point.point, node, interface: point.interface, transcript, isControl, isAfter: isControl }]
      : [];
  });
}
