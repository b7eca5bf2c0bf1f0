import type { IPPool } from '../../model/calico.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { JudgedWay, JudgedWays } from '../../model/judged-way.ts';
import { wayOf, type KernelWay, type WayOf } from '../../model/kernel-way.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import { protocols } from '../../model/protocols.ts';
import type { RoutedPacket } from '../../model/routing-lookup.ts';
import type { RoutingPolicy } from '../../model/routing-policy.ts';
import { familyOf } from '../../model/addresses.ts';
import { poolOf } from '../../calico/pool-of.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { podDevice, type NodeView } from '../../flow-walks/way-questions.ts';
import { isTunnelDevice, tunnelOfDevice } from '../../tunnels/registry.ts';
import { judgeWay, type WayContext } from './judge-way.ts';

interface ReadNode extends NodeView {
  readonly policy: RoutingPolicy | null;
}
export interface KnownOfFlow {
  readonly target: ReadNode | null;
  readonly source: ReadNode | null;
  /** The interface that the endpoint names; null: not known, then Calico's usual name is used. */
  readonly podInterface: string | null;
  readonly sourceInterface: string | null;
  readonly nodes: readonly KubernetesNode[];
  readonly pools: readonly IPPool[];
}

/** Calico's default block size, used if a pool names none. */
const usualBlockLength = { 4: 26, 6: 122 } as const;

/** Judges the ways that the flow's packets really take. If several interfaces of entry were asked, one of them fits. */
export function waysOfFlow(flow: Flow, ways: readonly KernelWay[], known: KnownOfFlow): JudgedWays {
  const { source: from, destination: to } = flow;
  const judged: JudgedWay[] = [];
  const unasked: WayOf[] = [];
  const add = (of: WayOf, way: KernelWay | null, node: ReadNode | null, end: FlowEnd, role: WayContext['role']) => {
    if (!way || !node) unasked.push(of);
    else judged.push(judgeWay(way, contextOf(flow, way, node, end, role, known)));
  };
  if (from.node === to.node) {
    if (isPod(to)) add('same-node', wayOf(ways, { of: 'same-node' }), known.target, to, 'pod');
    if (isPod(from)) add('reply-same-node', wayOf(ways, { of: 'reply-same-node' }), known.target, from, 'pod');
    return { ways: judged, unasked };
  }
  const out = wayOf(ways, { of: 'source-egress' });
  const own = out?.answer.kind === 'route' ? out.answer.preferredSource : null;
  const back =
    ways.find(({ of, destination }) => of === 'reply-target-egress' && destination === (own ?? from.address)) ??
    wayOf(ways, { of: 'reply-target-egress' });
  const answer = answerOf(flow, ways, { own, back, pools: known.pools });
  // Answers to a node's own packets go to the address of its tunnel device if they left by that one.
  const toNode = isOnNodeNetwork(from) ? !isTunnelDevice(deviceOf(out)) : answer !== back;
  if (from.node !== null && isPod(to)) {
    add('source-egress', out, known.source, to, 'peer');
    if (isTunnelDevice(deviceOf(out)))
      add('source-outer', wayOf(ways, { of: 'source-outer' }), known.source, to, 'node');
  }
  if (from.node !== null && !isPod(to)) add('source-egress', out, known.source, to, 'any');
  if (isPod(to)) add('target-ingress', entering(ways, 'target-ingress', out, back), known.target, to, 'pod');
  if (from.kind === 'outside' && isPod(to)) add('reply-target-egress', back, known.target, from, 'any');
  if (from.node !== null && to.node !== null) {
    add('reply-target-egress', answer, known.target, from, toNode ? 'node' : 'peer');
    if (isTunnelDevice(deviceOf(answer)))
      add('reply-target-outer', wayOf(ways, { of: 'reply-target-outer' }), known.target, from, 'node');
  }
  if (isPod(from))
    add('reply-source-ingress', entering(ways, 'reply-source-ingress', back, out), known.source, from, 'pod');
  return { ways: judged, unasked };
}

interface AskedAnswer {
  /** The address that the source's kernel chooses; null: the packet has its own, or it is not known. */
  readonly own: string | null;
  readonly back: KernelWay | null;
  readonly pools: readonly IPPool[];
}

/** The way of the answer to the address that the packet arrives with; null: nobody asked for that one. */
function answerOf({ source, destination }: Flow, ways: readonly KernelWay[], asked: AskedAnswer): KernelWay | null {
  const { own, back, pools } = asked;
  // A node's own packets have the address that its kernel chose, such as that of its tunnel device.
  if (isOnNodeNetwork(source)) return own !== null && back?.destination !== own ? null : back;
  const pool = poolOf(pools, source.address);
  const isMasqueraded = isPod(source) && pool?.spec.natOutgoing === true && poolOf(pools, destination.address) === null;
  // The destination's node was asked for the way to the source's node as for a tunnel packet.
  const toNode = isMasqueraded ? wayOf(ways, { of: 'reply-target-outer' }) : null;
  return toNode ? { ...toNode, of: 'reply-target-egress' } : back;
}

function isPod(end: FlowEnd): boolean {
  return end.kind === 'pod' && !isOnNodeNetwork(end);
}

/** A packet that enters a tunnel also leaves it. If the sender's way shows no tunnel, the way back decides. */
function entering(
  ways: readonly KernelWay[],
  of: 'target-ingress' | 'reply-source-ingress',
  sent: KernelWay | null,
  returned: KernelWay | null,
): KernelWay | null {
  const tunnel = [sent, returned].map(deviceOf).find((device) => tunnelOfDevice(device).device !== null);
  const asked = ways.filter((way) => way.of === of);
  return (
    asked.find(({ inInterface }) => inInterface === tunnel) ??
    asked.find(({ inInterface }) => !isTunnelDevice(inInterface)) ??
    null
  );
}

function deviceOf(way: KernelWay | null): string | null {
  return way?.answer.kind === 'route' ? way.answer.device : null;
}

function contextOf(
  flow: Flow,
  way: KernelWay,
  node: ReadNode,
  to: FlowEnd,
  role: WayContext['role'],
  { podInterface, sourceInterface, nodes, pools }: KnownOfFlow,
): WayContext {
  const named = to === flow.destination ? podInterface : sourceInterface;
  return {
    to,
    role,
    podDevice: role === 'pod' ? ownDevice(to, named, node) : null,
    peerAddresses: addressesOf(to, nodes),
    blockLength: blockLengthAt(to.address, pools),
    main: node.routes,
    policy: node.policy,
    packet: { ...packetOf(way, flow), ...vrfOf(way, node) },
  };
}

/**
 * Finds the pod's interface by the endpoint's name, or by Calico's usual one. If the endpoint names an interface that
 * does not exist, the result is unknown. Null: the node has no such interface.
 */
function ownDevice(end: FlowEnd, named: string | null, { links }: NodeView): string | null {
  if (named !== null && links.some(({ name }) => name === named)) return named;
  return named === null || named === end.interface ? podDevice(end, { links }) : null;
}

function addressesOf({ node, nodeAddress }: FlowEnd, nodes: readonly KubernetesNode[]): readonly string[] {
  const listed = nodes.find(({ metadata }) => metadata.name === node)?.status?.addresses ?? [];
  return [...(nodeAddress ? [nodeAddress] : []), ...listed.map(({ address }) => address)];
}

function blockLengthAt(address: string, pools: readonly IPPool[]): number | null {
  const pool = poolOf(pools, address);
  return pool ? (pool.spec.blockSize ?? usualBlockLength[familyOf(address)]) : null;
}

/** The VRF of the interface by which the packet comes in. What a node sends itself, by no socket of a VRF, has none. */
function vrfOf({ inInterface }: KernelWay, { links }: NodeView): Pick<RoutedPacket, 'vrfTable'> {
  const table = links.find(({ name }) => name === inInterface)?.vrfTable;
  return table === undefined ? {} : { vrfTable: table };
}

function packetOf({ of, destination, source, inInterface, mark }: KernelWay, { port }: Flow): RoutedPacket {
  const packet = { destination, source, inInterface, mark };
  // Routing rules by port cannot be checked for a tunnel's own packets.
  if (of.endsWith('-outer')) return { ...packet, protocol: null, sourcePort: null, destinationPort: null };
  const isPing6 = port.protocol === 'icmp' && familyOf(destination) === 6;
  const protocol = isPing6 ? protocols.icmpv6 : protocols[port.protocol];
  const asked = port.protocol === 'icmp' ? null : port.number;
  return of.startsWith('reply-')
    ? { ...packet, protocol, sourcePort: asked, destinationPort: null }
    : { ...packet, protocol, sourcePort: null, destinationPort: asked };
}
