import { isCrossNode, leavesCluster } from '../../model/flow-place.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Sighting, WayPoint } from '../../model/sightings.ts';
import { chosenWay } from '../../flow-walks/chosen-way.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';
import { beginBare, endBare, podPoint, type BarePoint, type FollowQuestion } from './bare-captures.ts';
import { askedPackets, nodeSourceAddress } from './captures.ts';
import { allListening, captureEvidence, sightingsOf, stopAll } from './sightings.ts';

export interface Followed {
  readonly sightings: readonly Sighting[];
  readonly evidence: readonly Evidence[];
}

/**
 * Follows one more packet of a flow that does not work, where the first ones were not listened for: at the interfaces
 * of both pods, then (only where it vanishes on the target's node) at the tunnel's. One capture a node at a time.
 * Where a rule's counter proves which rule drops them, nothing is sent: it is known where they end.
 * @param seen what was seen of the first packets
 * @param proved settles when nothing counts packets any more, and tells whether a counter proves where they end
 */
export async function followWay(
  question: FollowQuestion,
  seen: readonly Sighting[],
  proved: Promise<boolean>,
): Promise<Followed> {
  if (await proved) return { sightings: [], evidence: [] };
  const first = await pass(question, lostBetweenNodes(seen) ? [] : atPods(question, seen));
  const known = [...seen, ...first.sightings];
  const more = await pass(question, [...atPodAgain(question, known), ...inTunnel(question, known)]);
  return {
    sightings: [...first.sightings, ...more.sightings],
    evidence: [...first.evidence, ...more.evidence],
  };
}

/** Both captures of the first packets show it: what the pods' interfaces would say is known. */
function lostBetweenNodes(seen: readonly Sighting[]): boolean {
  const at = (wanted: WayPoint) => seen.find(({ point }) => point === wanted);
  const [source, target] = [at('source-card'), at('target-card')];
  if (!source || !target) return false;
  return isLost('requests', source, target) || isLost('replies', target, source);
}

function isLost(what: 'requests' | 'replies', from: Sighting, to: Sighting): boolean {
  const { control, requests, replies, strays, trouble, droppedByKernel } = to;
  const seesAll = control + requests.length + replies.length > 0 && trouble === null && droppedByKernel === 0;
  return from[what].length > 0 && to[what].length === 0 && seesAll && strays === 0;
}

/** Both pods' interfaces; within one node the target's was listened to already. */
function atPods(question: FollowQuestion, seen: readonly Sighting[]): readonly BarePoint[] {
  const { flow, source } = question;
  const fromSource = podPoint('source-pod', 'source', flow.source, source);
  if (leavesCluster(question.flow)) return fromSource;
  if (isCrossNode(question.flow)) return [...fromSource, ...targetPod(question)];
  return fromSource.length > 0 ? fromSource : needsAgain(seen) ? targetPod(question) : [];
}

function targetPod({ flow, target }: FollowQuestion): readonly BarePoint[] {
  return podPoint('target-pod', 'target', flow.destination, target);
}

/** Within one node, where the first capture cannot say that nothing came. */
function atPodAgain(question: FollowQuestion, seen: readonly Sighting[]): readonly BarePoint[] {
  return !isCrossNode(question.flow) &&
    !leavesCluster(question.flow) &&
    seen.some(({ point }) => point === 'source-pod') &&
    needsAgain(seen)
    ? targetPod(question)
    : [];
}

function needsAgain(seen: readonly Sighting[]): boolean {
  const there = seen.filter(({ point }) => point === 'target-pod');
  return there.every(({ requests, control, trouble }) => requests.length === 0 && (control === 0 || trouble !== null));
}

/**
 * The tunnel's device on the target's node, where the packet is lost behind its network interface or its reply before.
 */
function inTunnel(question: FollowQuestion, seen: readonly Sighting[]): readonly BarePoint[] {
  const { flow, target, source } = question;
  if (!isCrossNode(flow) || !seen.some(({ point }) => point === 'target-pod')) return [];
  const leads = (destination: string) => chosenWay(target, { of: 'reply-target-egress', destination }).device;
  const device = tunnelOfDevice(leads(flow.source.address)).device?.name;
  const far = nodeSourceAddress(flow, source);
  if (!device || leads(far) !== device) return [];
  const at = (wanted: WayPoint, what: 'requests' | 'replies') =>
    seen.some((sighting) => sighting.point === wanted && sighting[what].length > 0);
  const arrived = at('target-pod', 'requests') || at('target-card', 'replies');
  const requestLost = at('target-card', 'requests') && !arrived;
  const replyLost = at('target-pod', 'replies') && !at('target-card', 'replies');
  return requestLost || replyLost
    ? [{ point: 'target-tunnel', at: 'target', interface: device, control: far, owner: flow.destination.address }]
    : [];
}

/** One packet as asked, then the controls, with a capture at each point: there is one point a node. */
async function pass(question: FollowQuestion, points: readonly BarePoint[]): Promise<Followed> {
  if (points.length === 0) return { sightings: [], evidence: [] };
  const { flow, source, sending } = question;
  const addresses = [nodeSourceAddress(flow, source), flow.source.nodeAddress ?? flow.source.address] as const;
  const running = beginBare(question, points, addresses);
  let sent = 0;
  try {
    await allListening(running);
    sent = await sending.oneMore();
    // After it, so that a capture which shows them has shown all before.
    await sending.control(points.map(({ at, control }) => ({ at, address: control })));
  } catch (error) {
    stopAll(running);
    throw error;
  }
  const ended = await endBare(running, sending);
  return {
    sightings: sightingsOf(ended, askedPackets(question, sending.length), sent),
    evidence: captureEvidence(ended.map(({ transcript }) => transcript)),
  };
}
