import type { Place } from '../../model/facts.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import { LookError } from '../../model/look-error.ts';
import type { KernelWay } from '../../model/kernel-way.ts';
import type { Link, PodNetwork, Route } from '../../model/network.ts';
import type { SizedWay } from '../../model/path-sizes.ts';
import { podLink } from '../../model/pod-link.ts';
import { deviceTo } from '../../model/routes.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { chosenWay, type ChosenWay } from '../../flow-walks/chosen-way.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';

/** What is known of one end of the flow: its node, and the pod's own network where it is a pod. */
export interface SizedEnd {
  readonly end: FlowEnd;
  readonly place: Place;
  readonly node: string;
  readonly routes: readonly Route[];
  readonly links: readonly Link[];
  readonly network: PodNetwork | null;
  /** What its kernel answered. */
  readonly ways: readonly KernelWay[];
}

/** A way to try, and who sends. `sender` null: the node itself. */
export interface PlannedWay extends Pick<
  SizedWay,
  'kind' | 'from' | 'to' | 'fromNode' | 'toNode' | 'interface' | 'headerBytes' | 'full'
> {
  readonly place: 'target' | 'source';
  readonly sender: FlowEnd | null;
  readonly address: string;
}

export interface PlannedWays {
  readonly ways: readonly PlannedWay[];
  readonly untried: readonly string[];
}

/**
 * Bytes of the largest packet that both ends can send and take: TCP agrees on no more.
 * @throws LookError `needed-fact-missing` where an interface is not known
 */
export function neededSize(source: SizedEnd, target: SizedEnd): number {
  return Math.min(mtuOf(source, target), mtuOf(target, source));
}

/** By which interface packets of the flow leave for the other end. */
function wayTo(from: SizedEnd, to: SizedEnd): ChosenWay {
  const [onNode, between] =
    from.place === 'target'
      ? (['reply-same-node', 'reply-target-egress'] as const)
      : (['same-node', 'source-egress'] as const);
  const destination = to.end.address;
  const way = chosenWay(asked(from), { of: from.node === to.node ? onNode : between, destination });
  // What a node sends to itself has the size of no interface.
  return way.local ? { ...way, device: deviceTo(from.routes, destination) } : way;
}

/** By which interface the node sends to an address of the other; by the main table where its kernel was not asked. */
export function deviceToNode(from: SizedEnd, destination: string): string | null {
  const of = from.place === 'source' ? 'source-outer' : 'reply-target-outer';
  return chosenWay(asked(from), { of, destination }).device;
}

function asked({ routes, ways, node }: SizedEnd) {
  return { routes, ways, rulesets: { node } };
}

function mtuOf(from: SizedEnd, to: SizedEnd): number {
  const { end, links, network, node } = from;
  const inside = network?.links.find(({ name }) => name === network.ownInterface)?.mtu;
  const device = isOnNodeNetwork(end) ? wayTo(from, to).device : (podLink(links, end)?.name ?? end.interface);
  const mtu = inside ?? links.find(({ name }) => name === device)?.mtu;
  if (mtu === undefined)
    throw new LookError('needed-fact-missing', `the MTU of ${describeEnd(end)} on ${node} is not known`);
  return mtu;
}

/** The flow's own way: what a ping from its source takes, policies included. */
function flowWay(flow: Flow, source: SizedEnd, target: SizedEnd, full: number): PlannedWay {
  const out = wayTo(source, target).device;
  return {
    kind: 'flow',
    place: 'source',
    sender: flow.source,
    address: flow.destination.address,
    from: describeEnd(flow.source),
    to: describeEnd(flow.destination),
    fromNode: source.node,
    toNode: target.node,
    interface: null,
    headerBytes: source.node === target.node ? 0 : tunnelOfDevice(out).headerBytes,
    full,
  };
}

/** The other way round: what the destination can send to the source. */
export function backWay(flow: Flow, source: SizedEnd, target: SizedEnd, full: number): PlannedWay {
  const turned = { ...flow, source: flow.destination, destination: flow.source };
  return { ...flowWay(turned, target, source, full), kind: 'back', place: 'target' };
}

/** Between the nodes, by the device that carries packets of the flow in this direction: no policy of a pod sees it. */
export function nodeWay(
  kind: 'request' | 'reply',
  place: 'target' | 'source',
  { from, to }: { readonly from: SizedEnd; readonly to: SizedEnd },
  needed: number,
): PlannedWay | string {
  const { device, doubt } = wayTo(from, to);
  if (doubt !== null) return `the way from ${from.node} to ${describeEnd(to.end)} is not certain: ${doubt}`;
  const tunnel = tunnelOfDevice(device);
  const address =
    tunnel.device === null
      ? to.end.nodeAddress
      : (to.links.find(({ name }) => name === tunnel.device?.name)?.addresses[0]?.address ?? null);
  const mtu = from.links.find(({ name }) => name === device)?.mtu;
  if (device === null || mtu === undefined || address === null || deviceToNode(from, address) !== device)
    return `${from.node} has no address of ${to.node} that it reaches as it reaches ${describeEnd(to.end)}`;
  return {
    kind,
    place,
    sender: null,
    address,
    from: `node ${from.node}`,
    to: `node ${to.node}`,
    fromNode: from.node,
    toNode: to.node,
    interface: null,
    headerBytes: tunnel.headerBytes,
    full: Math.min(needed, mtu),
  };
}

/** From a node to its own pod; null where the end has no interface of its own. */
function ownNodeWay(place: 'target' | 'source', { end, node, links }: SizedEnd, needed: number): PlannedWay | null {
  if (end.kind !== 'pod' || isOnNodeNetwork(end)) return null;
  return {
    kind: 'own-node',
    place,
    sender: null,
    address: end.address,
    from: `node ${node}`,
    to: describeEnd(end),
    fromNode: node,
    toNode: node,
    interface: podLink(links, end)?.name ?? end.interface,
    headerBytes: 0,
    full: needed,
  };
}

/** What takes the place of the flow's own way where a policy denies pings: the same way in pieces. */
export function piecesOfWay(source: SizedEnd, target: SizedEnd, needed: number): PlannedWays {
  const crossNode = source.node !== target.node;
  const own = [ownNodeWay('target', target, needed), ownNodeWay('source', source, needed)];
  const between = crossNode ? [nodeWay('request', 'source', { from: source, to: target }, needed)] : [];
  return split([...between, ...own]);
}

/** The ways of a first try. @param byPieces a policy denies pings of the flow */
export function firstWays(
  flow: Flow,
  source: SizedEnd,
  target: SizedEnd,
  needed: number,
  byPieces: boolean,
): PlannedWays {
  const back = source.node === target.node ? [] : [nodeWay('reply', 'target', { from: target, to: source }, needed)];
  const there = byPieces
    ? piecesOfWay(source, target, needed)
    : { ways: [flowWay(flow, source, target, needed)], untried: [] };
  const reply = split(back);
  return { ways: [...there.ways, ...reply.ways], untried: [...there.untried, ...reply.untried] };
}

function split(planned: readonly (PlannedWay | string | null)[]): PlannedWays {
  return {
    ways: planned.filter((way): way is PlannedWay => way !== null && typeof way !== 'string'),
    untried: planned.filter((way) => typeof way === 'string'),
  };
}
