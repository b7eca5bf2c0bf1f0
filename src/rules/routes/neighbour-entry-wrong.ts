import type { Fact } from '../../model/evidence.ts';
import type { FactRecord } from '../../model/facts.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { KernelWay, WayOf } from '../../model/kernel-way.ts';
import { cardWith } from '../../model/node-card.ts';
import type { Link, NeighbourEntry, PodNetwork } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';
import { neighbourProtocol } from '../../model/addresses.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { silentNextHop } from '../lib/silent-next-hop.ts';
import { isTunnelDevice, tunnelOfDevice } from '../../tunnels/registry.ts';
import { shellCommand } from '../../model/shell-words.ts';

export const neighbourEntryWrong = defineRule({
  id: 'neighbour-entry-wrong',
  description:
    "A neighbour entry at one end of a pod's interface, or of a node for the other node, holds another Ethernet " +
    'address than is there. Or nobody answers for the next hop that a node takes.',
  step: 'routes',
  requires: ['flow'],
  considers: [
    'flow-outcome',
    'pod-neighbours',
    'node-neighbours',
    'kernel-ways',
    'path-capture',
    'walks',
    'pod-network',
    'source-pod-network',
    'links@target',
    'links@source',
  ],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      '{show}',
      '{delete}   # the kernel asks for the address again; find out who made a PERMANENT entry, or it comes back',
    ],
  },
  messages: {
    onNode: {
      title: 'Node {node} sends packets for pod {pod} to the wrong Ethernet address',
      detail:
        'Its neighbour entry for {address} at {device} is {held} ({state}), and the pod has {right}. ' +
        'So the pod does not take the packets.',
    },
    betweenNodes: {
      title: 'Node {node} sends packets for node {peer} to the wrong Ethernet address',
      detail:
        'Its neighbour entry for {address} at {device} is {held} ({state}), and {peer} has {right}. ' +
        'A person or a program set it, and the kernel does not ask again. So {peer} does not take the packets.',
    },
    silentHop: {
      title: 'Node {node} sends packets for {peer} to {address}, which does not answer',
      detail:
        'The kernel of {node} takes {address} at {device} as the next hop for the packets to {destination}. Nobody ' +
        'answers {protocol} for it ({state}), so none of them leaves {node}. A route with several next hops sends ' +
        'packets of other pods by others.',
    },
    inPod: {
      title: 'Pod {pod} sends its packets to the wrong Ethernet address',
      detail:
        'Its neighbour entry for {address} is {held} ({state}), and the interface of the pod on {node} has {right}. ' +
        'So {node} does not take the packets.',
    },
  },
  judge({ flow }, considered, evidence) {
    const ends = endsOf(flow).map(({ end, peer, ...facts }) => ({
      end,
      peer,
      network: considered[facts.network],
      links: considered[facts.links],
      seen: evidence(facts.network),
    }));
    const [nodes, ways] = [considered['node-neighbours'], considered['kernel-ways']];
    if (ends.length === 0) return notApplicable('neither end of the flow is a pod with an interface of its own');
    const outcome = considered['flow-outcome'];
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return pass('the flow works');
    const read = considered['pod-neighbours'];
    if (read.status === 'unavailable') return inconclusive(`not checked: neighbour entries of pods: ${read.reason}`);
    const unread: string[] = [];
    const findings = ends.flatMap(({ end, peer, network, links, seen }): RawFinding<Message>[] => {
      const card = cardOf(end, network, links);
      if (typeof card === 'string') {
        unread.push(card);
        return [];
      }
      const { way } = card.network;
      if (way.kind === 'unavailable') unread.push(`not checked: the next hop of ${end.name}: ${way.reason}`);
      const data = { node: end.node ?? '?', pod: `${end.namespace}/${end.name}` };
      const onNode = read.value.filter(
        (one) =>
          one.address === end.address && one.device === card.outside.name && isOther(one, card.inside.linkAddress),
      );
      const inPod = card.network.neighbours.filter(
        (one) =>
          one.device === card.inside.name &&
          isOther(one, card.outside.linkAddress) &&
          isNextHop(one, card.network, peer),
      );
      return [
        ...onNode.map((one) => ({
          ...findingOf('onNode', one, end),
          data: { ...data, ...words(one, card.inside.linkAddress), ...commands(one, '') },
          evidence: evidence('pod-neighbours'),
        })),
        ...inPod.map((one) => ({
          ...findingOf('inPod', one, end),
          data: {
            ...data,
            ...words(one, card.outside.linkAddress),
            ...commands(one, shellCommand`ip netns exec ${card.network.namespace} `),
          },
          evidence: seen,
        })),
      ];
    });
    const asked = ways.status === 'observed' ? ways.value : [];
    const between = nodes.status === 'observed' ? nodes.value : [];
    findings.push(
      ...peersOf(flow).flatMap(({ node, peer, links }): readonly RawFinding<Message>[] => {
        const read = considered[links];
        const right = read.status === 'observed' ? cardWith(read.value, peer.nodeAddress) : null;
        return between
          .filter((one) => one.node === node && one.address === peer.nodeAddress && isOnItsWay(one, asked))
          .filter((one) => right !== null && one.state === 'PERMANENT' && isOther(one, right))
          .map((one) => ({
            ...findingOf('betweenNodes', one, { node }),
            data: { node: node ?? '?', peer: peer.node ?? '?', ...words(one, right ?? ''), ...commands(one, '') },
            evidence: evidence('node-neighbours'),
          }));
      }),
    );
    findings.push(...silentHops(flow, considered, evidence('node-neighbours')));
    if (findings.length > 0) return fail(...findings);
    return unread[0] === undefined ? pass('the neighbour entries of each pod are right') : inconclusive(unread[0]);
  },
});

function endsOf({ source, destination }: Flow) {
  const all = [
    { end: destination, peer: source, network: 'pod-network', links: 'links@target' },
    {
      end: source,
      peer: destination,
      network: 'source-pod-network',
      links: source.node === destination.node ? 'links@target' : 'links@source',
    },
  ] as const;
  return all.filter(({ end }) => end.kind === 'pod' && end.interface !== null);
}

type Message = 'onNode' | 'inPod' | 'betweenNodes' | 'silentHop';

const ofSilentHop: Advice = {
  who: 'the owner of node {node}',
  commands: [
    '{show}; ip route show to match {destination}   # "proto" says who made the route with this next hop',
    'arping -c 3 -I {device} {address}   # if {address} should be there: does it answer now?',
  ],
};

function silentHops(
  flow: Flow,
  considered: FactRecord<'kernel-ways' | 'node-neighbours' | 'path-capture' | 'walks'>,
  evidence: RawFinding['evidence'],
): readonly RawFinding<'silentHop'>[] {
  const { 'kernel-ways': ways, 'node-neighbours': neighbours, 'path-capture': capture, walks } = considered;
  if (ways.status === 'unavailable' || neighbours.status === 'unavailable' || walks.status === 'unavailable') return [];
  const read = { ways: ways.value, neighbours: neighbours.value, walks: walks.value, capture };
  return peersOf(flow).flatMap(({ node, peer, direction }): readonly RawFinding<'silentHop'>[] => {
    const hop = silentNextHop({ direction, node, peerAddress: peer.nodeAddress }, read);
    if (hop === null) return [];
    const { entry, destination } = hop;
    return [
      {
        ...findingOf('silentHop', entry, { node }),
        data: {
          node: node ?? '?',
          peer: peer.node ?? peer.address,
          destination,
          protocol: neighbourProtocol(entry.address),
          ...words(entry, ''),
          ...commands(entry, ''),
        },
        advice: ofSilentHop,
        evidence,
      },
    ];
  });
}

/** Each node of the flow with the one to which it sends. */
function peersOf({ source, destination }: Flow) {
  if (source.node === destination.node) return [];
  return [
    { node: source.node, peer: destination, links: 'links@target', direction: 'request' },
    { node: destination.node, peer: source, links: 'links@source', direction: 'reply' },
  ] as const;
}

/**
 * Packets for the address go to it without a gateway, by the interface of the entry, and the flow's are among them: for
 * the node itself, by it as their gateway, or in a tunnel whose packets are for it. Where the kernel refuses them, as
 * it does while forwarding is off, they would go there.
 */
function isOnItsWay({ node, address, device }: NeighbourEntry, ways: readonly KernelWay[]): boolean {
  const wayOf = (all: readonly WayOf[], to: (destination: string) => boolean) =>
    ways.find((one) => one.node === node && all.includes(one.of) && to(one.destination));
  const outer = routeOf(wayOf(['source-outer', 'reply-target-outer'], (to) => to === address));
  if (outer?.gateway !== null || outer.device !== device) return false;
  const asked = wayOf(['source-egress', 'reply-target-egress'], () => true);
  const own = routeOf(asked);
  if (own === null) return asked?.answer.kind === 'refused';
  const isInTunnel = isTunnelDevice(own.device) && !tunnelOfDevice(own.device).routedByNode;
  return isInTunnel || own.gateway === address || own.destination === address;
}

function routeOf(way: KernelWay | undefined) {
  return way?.answer.kind === 'route' ? { destination: way.destination, ...way.answer } : null;
}

interface Card {
  readonly network: PodNetwork;
  readonly inside: Link & { readonly linkAddress: string };
  readonly outside: Link & { readonly linkAddress: string };
}

/** Both ends of the pod's interface, or why they cannot be compared. */
function cardOf(end: FlowEnd, network: Fact<PodNetwork>, links: Fact<readonly Link[]>): Card | string {
  const what = `not checked: neighbour entries of ${end.namespace}/${end.name}`;
  if (network.status === 'unavailable') return `${what}: ${network.reason}`;
  if (links.status === 'unavailable') return `${what}: ${links.reason}`;
  const inside = network.value.links.find(({ name }) => name === network.value.ownInterface);
  const outside = podLink(links.value, end);
  if (!inside || !outside || !hasAddress(inside) || !hasAddress(outside) || outside.kind !== 'veth')
    return `${what}: the Ethernet addresses of its interface are not known`;
  return { network: network.value, inside, outside };
}

function hasAddress(link: Link): link is Link & { readonly linkAddress: string } {
  return link.linkAddress !== undefined;
}

function isOther({ linkAddress }: NeighbourEntry, right: string): boolean {
  return linkAddress !== null && linkAddress !== right;
}

/** Entries for other addresses than the next hop carry nothing of the flow. */
function isNextHop({ address }: NeighbourEntry, { way }: PodNetwork, peer: FlowEnd): boolean {
  return way.kind === 'route' && (way.gateway ?? peer.address) === address;
}

function words({ address, device, linkAddress, state }: NeighbourEntry, right: string) {
  return { address, device, held: linkAddress ?? '', state, right };
}

function commands({ address, device }: NeighbourEntry, inside: string) {
  return {
    show: inside + shellCommand`ip neigh show to ${address}`,
    delete: inside + shellCommand`ip neigh del ${address} dev ${device}`,
  };
}

function findingOf<M extends string>(message: M, { device, address }: NeighbourEntry, { node }: Pick<FlowEnd, 'node'>) {
  return {
    message,
    subject: { kind: 'Interface', name: `${device} ${address}` },
    node,
    proof: 'read',
    stopsFlow: true,
  } as const;
}
