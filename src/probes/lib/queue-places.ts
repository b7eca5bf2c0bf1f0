import { tcFilterShowEgress, tcFilterShowIngress, tcQdiscShow, tcQdiscShowInPod } from '../../commands/tc.ts';
import type { FactKey, Place } from '../../model/facts.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { isCrossNode, leavesCluster } from '../../model/flow-place.ts';
import type { Link } from '../../model/network.ts';
import type { NodeLook, ObservedFacts } from '../../model/probe.ts';
import { deviceTo } from '../../model/routes.ts';
import { holdsFilters, isForQueues, isMade, type QueueCounts, type TakenPackets } from '../../model/queues.ts';
import { chosenWay } from '../../flow-walks/chosen-way.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';
import { podDevice } from '../../flow-walks/way-questions.ts';

export const queueCommands = [tcQdiscShow, tcQdiscShowInPod, tcFilterShowIngress, tcFilterShowEgress] as const;
type Node = NodeLook<(typeof queueCommands)[number]['id']>;

export interface QueueQuestion {
  readonly flow: Flow;
  readonly targetNode: Node;
  readonly sourceNode: Node;
  readonly target: WalkedNode;
  readonly source: WalkedNode;
  /** Nodes whose interfaces carry Calico's own programs, which count what they drop themselves. */
  readonly ebpf: readonly string[];
}

/** An interface of the way, and how many packets the node itself sends by it beside the asked ones. */
interface Watched {
  readonly device: string;
  readonly beside: number;
}
/** Interfaces of a node or of a pod with queues that somebody made. */
export interface WatchedPlace extends Pick<TakenPackets, 'area' | 'pod'> {
  readonly node: Node;
  readonly links: readonly Link[];
  readonly devices: readonly Watched[];
  /** Those at which filters stand. */
  readonly holding: readonly string[];
}

/** Pings of the target's node to its pod, and between the nodes, that go with the asked packets. */
const beside = { pod: 1, card: 2 };

/** The nodes of the flow whose queues are looked at. */
function sidesOf(flow: Flow): readonly Place[] {
  return [
    ...(leavesCluster(flow) ? [] : (['target'] as const)),
    ...(isCrossNode(flow) || leavesCluster(flow) ? (['source'] as const) : []),
  ];
}

/** Reads the queues of the flow's nodes before anybody has to wait for them. */
export async function readQueues(flow: Flow, facts: ObservedFacts<FactKey>): Promise<void> {
  await Promise.all(sidesOf(flow).map((place) => facts.ask(`queues@${place}`)));
}

/** Returns where packets of the flow may be taken; most nodes and pods have no queue that somebody made. */
export async function placesToWatch(
  question: QueueQuestion,
  facts: ObservedFacts<FactKey>,
): Promise<{ readonly places: readonly WatchedPlace[]; readonly unread: QueueCounts['unread'] }> {
  const { flow } = question;
  const sides = sidesOf(flow);
  const [atNodes, inPods] = await Promise.all([
    Promise.all(sides.map((place) => nodeToWatch(place, question, facts))),
    Promise.all([
      podToWatch('target-pod', flow.destination, question, facts),
      podToWatch('source-pod', flow.source, question, facts),
    ]),
  ]);
  return {
    places: [...atNodes.flatMap(({ places }) => places), ...inPods.flat()],
    unread: atNodes.flatMap(({ unread }) => unread),
  };
}

async function nodeToWatch(
  place: Place,
  question: QueueQuestion,
  facts: ObservedFacts<FactKey>,
): ReturnType<typeof placesToWatch> {
  const [node, { links }] =
    place === 'target' ? [question.targetNode, question.target] : [question.sourceNode, question.source];
  const queues = await facts.ask(`queues@${place}`);
  if (queues.status === 'unavailable') return { places: [], unread: [{ node: node.node, why: queues.reason }] };
  const own = question.ebpf.includes(node.node);
  const made = queues.value.filter((queue) => !own || !holdsFilters(queue));
  const devices = devicesAt(place, question).filter(({ device }) => made.some((one) => one.device === device));
  const holding = devices
    .map(({ device }) => device)
    .filter((device) => made.some((one) => one.device === device && holdsFilters(one)));
  // Filters hand what comes in to queues at interfaces of their own: a plugin for bandwidth does.
  const handed = holding.length === 0 ? [] : links.filter(isForQueues).map(({ name }) => ({ device: name, beside: 0 }));
  const watched = [...devices, ...handed];
  const area = place === 'target' ? 'target-node' : 'source-node';
  return {
    places: devices.length === 0 ? [] : [{ area, pod: null, node, links, devices: watched, holding }],
    unread: [],
  };
}

/** The pod's own end of its interface: what people who try losses out set up a queue at. */
async function podToWatch(
  area: 'target-pod' | 'source-pod',
  end: FlowEnd,
  { targetNode, sourceNode }: QueueQuestion,
  facts: ObservedFacts<FactKey>,
): Promise<readonly WatchedPlace[]> {
  const network = await facts.ask(area === 'target-pod' ? 'pod-network' : 'source-pod-network');
  if (network.status === 'unavailable') return [];
  const { links, namespace, ownInterface } = network.value;
  const own = links.find(({ name }) => name === ownInterface);
  if (!own?.qdisc || !isMade({ kind: own.qdisc })) return [];
  const isTarget = area === 'target-pod';
  return [
    {
      area,
      pod: { name: describeEnd(end), namespace },
      node: isTarget ? targetNode : sourceNode,
      links,
      devices: [{ device: own.name, beside: isTarget ? beside.pod : 0 }],
      holding: [],
    },
  ];
}

/** The interfaces of a node by which the flow's packets come and go, each once. */
function devicesAt(place: Place, { flow, target, source }: QueueQuestion): readonly Watched[] {
  const { source: from, destination: to } = flow;
  const at = place === 'target' ? target : source;
  const [own, other] = place === 'target' ? [to, from] : [from, to];
  const [way, outer] =
    place === 'target'
      ? (['reply-target-egress', 'reply-target-outer'] as const)
      : (['source-egress', 'source-outer'] as const);
  // A kernel that refuses the packet, as without forwarding, names no interface: the table has the one to come.
  const out = chosenWay(at, { of: way, destination: other.address }).device ?? deviceTo(at.routes, other.address);
  const card = other.nodeAddress ? chosenWay(at, { of: outer, destination: other.nodeAddress }).device : null;
  const isLocal = !isCrossNode(flow) && !leavesCluster(flow);
  const named: readonly (readonly [string | null, number])[] = [
    [podDevice(own, at) ?? own.interface, place === 'target' ? beside.pod : 0],
    ...(isLocal
      ? ([[podDevice(from, at) ?? from.interface, 0]] as const)
      : ([
          [card, beside.card],
          [out, 0],
        ] as const)),
  ];
  return named.flatMap(([device, more], index) =>
    device === null || named.findIndex(([one]) => one === device) < index ? [] : [{ device, beside: more }],
  );
}
