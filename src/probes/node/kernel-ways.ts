import { familyOf } from '../../model/addresses.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { Flow } from '../../model/flow.ts';
import type { FactKey, Place } from '../../model/facts.ts';
import type { KernelWay, WayQuestion } from '../../model/kernel-way.ts';
import { LookError } from '../../model/look-error.ts';
import type { NeighbourEntry, Route } from '../../model/network.ts';
import { defineClusterProbe, type NodeLook, type ObservedFacts } from '../../model/probe.ts';
import { routesTo } from '../../model/routes.ts';
import { readsOf } from '../../model/routing-policy.ts';
import { ip6Neighbour, ipNeighbour } from '../../commands/ip.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { routedMark, type RoutedMark } from '../../flow-walks/routed-mark.ts';
import { wayQuestions, type NodeView } from '../../flow-walks/way-questions.ts';
import { isTunnelDevice } from '../../tunnels/registry.ts';
import { askKernel, routeGetCommands } from '../lib/asking-kernel.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseNeighbours } from '../parse/ip-neighbours.ts';

export const kernelWays = defineClusterProbe({
  id: 'kernel-ways',
  description:
    'Asks the kernels of both nodes which way each packet of the flow takes (`ip route get`). Reads their neighbour ' +
    'entries of the pods, of each other and of the next hops.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [...routeGetCommands, ipNeighbour, ip6Neighbour],
  needs: ['flow'],
  uses: [
    'pod-interface',
    'links@target',
    'routes@target',
    'routing@target',
    'rulesets@target',
    'links@source',
    'routes@source',
    'routing@source',
    'rulesets@source',
  ],
  runsOn: ['target', 'source'],
  provides: ['kernel-ways', 'pod-neighbours', 'node-neighbours'],
  async read(look, facts) {
    const asked = facts.get('flow');
    const [target, source] = await Promise.all([viewAt(facts, 'target'), viewAt(facts, 'source')]);
    if (target.status === 'unavailable' && source.status === 'unavailable')
      throw new LookError('needed-fact-missing', target.reason);
    const flow = target.status === 'observed' ? await named(asked, target.value, facts) : asked;
    const questions = wayQuestions(
      flow,
      target.status === 'observed' ? target.value : null,
      source.status === 'observed' ? source.value : null,
    );
    const answers = await Promise.all(
      (['target', 'source'] as const).map(async (place): Promise<PlaceAnswers> => {
        const view = place === 'target' ? target : source;
        if (view.status === 'unavailable' || questions[place].length === 0)
          return { ways: [], neighbours: [], peers: [] };
        return askAt(look.on(place), place, questions[place], { flow, view: view.value, facts });
      }),
    );
    const ways = answers.flatMap((one) => one.ways);
    return {
      'kernel-ways': observed(
        ways,
        ways.flatMap(({ evidence }) => evidence),
      ),
      'pod-neighbours': observed(answers.flatMap((one) => one.neighbours)),
      'node-neighbours':
        flow.source.node === flow.destination.node
          ? unavailable('not-applicable', 'the flow has one node')
          : observed(answers.flatMap((one) => one.peers)),
    };
  },
});

interface PlaceAnswers {
  readonly ways: readonly KernelWay[];
  readonly neighbours: readonly NeighbourEntry[];
  /** For the other node of the flow, and for the next hops on the way there. */
  readonly peers: readonly NeighbourEntry[];
}

async function askAt(
  node: NodeLook<(typeof routeGetCommands)[number]['id'] | NeighbourCommand>,
  place: Place,
  questions: readonly WayQuestion[],
  { flow, view, facts }: { readonly flow: Flow; readonly view: NodeView; readonly facts: ObservedFacts<FactKey> },
): Promise<PlaceAnswers> {
  const [end, other] = place === 'target' ? [flow.destination, flow.source] : [flow.source, flow.destination];
  const asked = async () => {
    const marks = await markReader(flow, place, { ...view, questions }, facts);
    return Promise.all(
      questions.map((question) => askKernel(node, question, flow, marks.markOf(question), marks.readsPorts)),
    );
  };
  const [ways, neighbours, peers] = await Promise.all([
    asked(),
    isOnNodeNetwork(end) || end.kind === 'outside' ? [] : neighboursOf(node, end.address),
    other.nodeAddress === null || other.node === end.node ? [] : neighboursOf(node, other.nodeAddress),
  ]);
  const hops = nextHopsOf(ways, view.routes).filter((address) => address !== other.nodeAddress);
  const ofHops = other.node === end.node ? [] : await Promise.all(hops.map((address) => neighboursOf(node, address)));
  return { ways, neighbours, peers: [...peers, ...ofHops.flat()] };
}

/**
 * The next hops by which packets of the flow leave for the other node. What a tunnel's own routes lead to is read with
 * the tunnel, unless a route has several next hops.
 */
function nextHopsOf(ways: readonly KernelWay[], routes: readonly Route[]): readonly string[] {
  const all = ways.flatMap(({ of, destination, answer }) => {
    const leaves = /^(?:source|reply-target)-(?:egress|outer)$/.test(of);
    if (!leaves || answer.kind !== 'route' || answer.gateway === null) return [];
    const hasSeveral = (routesTo(routes, destination)[0]?.nextHops.length ?? 0) > 1;
    return isTunnelDevice(answer.device) && !hasSeveral ? [] : [answer.gateway];
  });
  return [...new Set(all)];
}

/** The rule sets are waited for only where a routing rule of the node reads marks. */
async function markReader(
  flow: Flow,
  place: Place,
  node: NodeView & { readonly questions: readonly WayQuestion[] },
  facts: ObservedFacts<FactKey>,
): Promise<{ readonly readsPorts: boolean; readonly markOf: (question: WayQuestion) => RoutedMark }> {
  const routing = await facts.ask(`routing@${place}`);
  if (routing.status === 'unavailable')
    return {
      readsPorts: false,
      markOf: () => ({ mark: 0, doubt: `the routing rules of the node were not read: ${routing.reason}` }),
    };
  const reads = readsOf(routing.value.rules);
  if (!reads.marks) return { readsPorts: reads.ports, markOf: () => ({ mark: 0, doubt: null }) };
  const rulesets = await facts.ask(`rulesets@${place}`);
  const markOf = (question: WayQuestion): RoutedMark =>
    rulesets.status === 'observed'
      ? routedMark(question, flow, rulesets.value, node)
      : { mark: 0, doubt: `a routing rule reads marks, and the rule sets were not read: ${rulesets.reason}` };
  return { readsPorts: reads.ports, markOf };
}

type NeighbourCommand = 'ip-neighbour' | 'ip-6-neighbour';

/** Nothing rests on it alone: what could not be read is no entry. */
async function neighboursOf(node: NodeLook<NeighbourCommand>, address: string): Promise<readonly NeighbourEntry[]> {
  const command = familyOf(address) === 6 ? ip6Neighbour : ipNeighbour;
  try {
    return parseNeighbours(outputOf(await node.run(command, { address })), node.node);
  } catch (error) {
    if (error instanceof LookError) return [];
    throw error;
  }
}

/** The endpoint is waited for only where the node has no interface of the usual name. */
async function named(flow: Flow, { links }: NodeView, facts: ObservedFacts<FactKey>): Promise<Flow> {
  const { destination } = flow;
  if (destination.interface === null || links.some(({ name }) => name === destination.interface)) return flow;
  const own = await facts.ask('pod-interface');
  return own.status === 'unavailable' || own.value.name === null
    ? flow
    : { ...flow, destination: { ...destination, interface: own.value.name } };
}

async function viewAt(facts: ObservedFacts<FactKey>, place: Place): Promise<Fact<NodeView>> {
  const [links, routes] = await Promise.all([facts.ask(`links@${place}`), facts.ask(`routes@${place}`)]);
  if (links.status === 'unavailable') return unavailable(links.code, links.reason);
  if (routes.status === 'unavailable') return unavailable(routes.code, routes.reason);
  return observed({ links: links.value, routes: routes.value });
}
