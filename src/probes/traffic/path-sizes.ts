import { familyOf } from '../../model/addresses.ts';
import { isRefused } from '../../model/ruleset/walk.ts';
import { isCrossNode, leavesCluster } from '../../model/flow-place.ts';
import { pingWhole, pingWholeInPod } from '../../commands/ping.ts';
import type { Transcript } from '../../model/command.ts';
import { observed, type Evidence, type Fact } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { FactKey } from '../../model/facts.ts';
import type { Flow } from '../../model/flow.ts';
import type { Reachability } from '../../model/reachability.ts';
import { LookError } from '../../model/look-error.ts';
import { isLimited, isToldLess, type SizedWay } from '../../model/path-sizes.ts';
import { defineClusterProbe, type NodeLook, type ObservedFacts } from '../../model/probe.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { waysOn } from '../../flow-walks/chosen-way.ts';
import { ipHeaderBytes } from '../../flow-walks/packets.ts';
import { pingsAreDropped } from '../lib/dropped-pings.ts';
import { sizeCaptureCommands } from '../lib/capture-commands.ts';
import { namespaceOf } from '../lib/pod-namespace.ts';
import { seeSizes, type SizesSeen } from '../lib/size-captures.ts';
import { confirmSize, findSize, NotSent, tryFull, type SendSized, type SizeResult } from '../lib/size-search.ts';
import {
  backWay,
  firstWays,
  neededSize,
  nodeWay,
  piecesOfWay,
  type PlannedWay,
  type PlannedWays,
  type SizedEnd,
} from '../lib/sized-ways.ts';
import { sizedAnswer, type SizedAnswer } from '../parse/sized-ping.ts';

const commands = [pingWhole, pingWholeInPod, ...sizeCaptureCommands] as const;
type Node = NodeLook<(typeof commands)[number]['id']>;

/** Bytes of ICMP's header around a ping's payload. */
const icmpHeader = 8;

interface Tried {
  readonly way: PlannedWay;
  readonly result: SizeResult;
}

export const pathSizes = defineClusterProbe({
  id: 'path-sizes',
  description:
    'Sends full-sized pings that may not be fragmented on the way of the flow, there and back. Only where one ' +
    'is lost, finds the size at which packets are.',
  kind: 'active',
  place: 'cluster',
  essential: false,
  commands,
  moment: 'burst',
  needs: ['flow', 'pod'],
  runsOn: ['target', 'source'],
  uses: [
    'walks',
    'kernel-ways',
    'reachability',
    'rulesets@target',
    'rulesets@source',
    'routes@target',
    'routes@source',
    'links@target',
    'links@source',
    'pod-network',
    'source-pod-network',
  ],
  provides: ['path-sizes'],
  async read(look, facts) {
    const flow = facts.get('flow');
    if (flow.source.kind === 'outside')
      throw new LookError('not-applicable', 'nothing can be sent from outside the cluster');
    if (leavesCluster(flow)) throw new LookError('not-applicable', 'the flow leaves the cluster');
    const crossNode = isCrossNode(flow);
    const targetNode: Node = look.on('target');
    const sourceNode: Node = crossNode ? look.on('source') : targetNode;
    const [target, source, walks] = await Promise.all([
      endAt(facts, 'target', flow, targetNode.node),
      endAt(facts, crossNode ? 'source' : 'target', flow, sourceNode.node, true),
      facts.ask('walks'),
    ]);
    // Where the asked packet is dropped, rules are counted: nothing else may meet them.
    const dropped = walks.status === 'observed' && walks.value.some(({ result }) => isRefused(result.decision));
    if (dropped) mustWork(await facts.ask('reachability'));
    const needed = neededSize(source, target);
    const [atTarget, atSource] = await Promise.all([facts.ask('rulesets@target'), facts.ask('rulesets@source')]);
    const byPieces =
      atTarget.status === 'observed' &&
      pingsAreDropped(
        flow,
        { ...target, rulesets: atTarget.value },
        atSource.status === 'observed' ? { ...source, rulesets: atSource.value } : null,
        needed,
      );
    const nonce = look.nonce('sizes').toString(16).padStart(8, '0');
    const said = createSaid();
    const send = (way: PlannedWay): SendSized =>
      sender(way, {
        node: way.place === 'target' ? targetNode : sourceNode,
        end: way.place === 'target' ? target : source,
        nonce,
        keep: (answer, transcript) => said.keep(way, answer, transcript),
      });
    const plan = firstWays(flow, source, target, needed, byPieces);
    const [there, untried] = await tryAll(plan, (way) => tryFull(send(way), way.full));
    const less = there.some((one) => isToldLess(wayOf(one), needed));
    const [back, notBack] = await tryAll(
      { ways: less ? [backWay(flow, source, target, needed)] : [], untried: [] },
      (way) => tryFull(send(way), way.full),
    );
    const first = [...there, ...back];
    const lead = first.find(({ result }) => result.lost !== null);
    if (!lead && first.length > 0)
      return {
        'path-sizes': observed(
          { needed, ways: first.map(wayOf), untried: [...untried, ...notBack], seen: null },
          said.evidence([]),
        ),
      };
    // What follows takes longer, and must not meet the captures of the asked flow.
    mustWork(await facts.ask('reachability'));
    const [[found], notFound] = await tryAll(onlyWays(lead ? [lead] : []), async (way) =>
      findSize(send(way), lead?.result ?? (await tryFull(send(way), way.full))),
    );
    // Where the flow's own pings are lost, the same way in pieces says where.
    const pieces =
      lead?.way.kind === 'flow' || lead?.way.kind === 'back' ? piecesOfWay(source, target, needed) : onlyWays([]);
    const others = first.filter((one) => one !== lead);
    const tried = new Map(others.map(({ way, result }) => [way, result]));
    const [more, notMore] = await tryAll(
      { ways: [...others.map(({ way }) => way), ...pieces.ways], untried: pieces.untried },
      async (way) => {
        const result = tried.get(way) ?? (await tryFull(send(way), way.full));
        if (result.lost === null) return result;
        const { passed = null, lost = null } = found?.result ?? {};
        const same = passed !== null && lost !== null && lost <= way.full;
        return same ? confirmSize(send(way), result, { passed, lost }) : findSize(send(way), result);
      },
    );
    const ways = [...(found ? [found] : []), ...more].map(wayOf);
    const captured = crossNode && ways.some(isBetweenNodes) ? await see() : null;
    return {
      'path-sizes': observed(
        { needed, ways, untried: [...untried, ...notBack, ...notFound, ...notMore], seen: captured?.seen ?? null },
        [...said.evidence(ways), ...(captured?.evidence ?? [])],
      ),
    };

    async function see(): Promise<SizesSeen | null> {
      const [request, reply] = [
        nodeWay('request', 'source', { from: source, to: target }, needed),
        nodeWay('reply', 'target', { from: target, to: source }, needed),
      ];
      if (typeof request === 'string' || typeof reply === 'string') return null;
      return seeSizes({ request, reply, source, target, sourceNode, targetNode, send });
    }
  },
});

function isBetweenNodes(way: SizedWay): boolean {
  return (way.kind === 'request' || way.kind === 'reply') && isLimited(way);
}

/** @throws LookError where small packets get no answer: their size is not the reason */
function mustWork(reachability: Fact<Reachability>): void {
  const tries =
    reachability.status === 'observed' ? reachability.value.attempts.filter(({ what }) => what === 'flow') : [];
  if (tries.length === 0 || tries.some(({ answer }) => answer !== 'reply'))
    throw new LookError('not-applicable', 'small packets of the flow get no answer either');
}

async function endAt(
  facts: ObservedFacts<FactKey>,
  place: 'target' | 'source',
  flow: Flow,
  node: string,
  isSource = false,
): Promise<SizedEnd> {
  const [routes, links, ways, network] = await Promise.all([
    facts.ask(`routes@${place}`),
    facts.ask(`links@${place}`),
    facts.ask('kernel-ways'),
    facts.ask(isSource ? 'source-pod-network' : 'pod-network'),
  ]);
  if (routes.status === 'unavailable') throw new LookError('needed-fact-missing', routes.reason);
  if (links.status === 'unavailable') throw new LookError('needed-fact-missing', links.reason);
  return {
    end: isSource ? flow.source : flow.destination,
    place: isSource ? 'source' : 'target',
    node,
    routes: routes.value,
    links: links.value,
    ways: waysOn({ node }, ways.status === 'observed' ? ways.value : []),
    network: network.status === 'observed' ? network.value : null,
  };
}

function sender(
  { sender: end, address }: PlannedWay,
  {
    node,
    end: { links },
    nonce,
    keep,
  }: {
    readonly node: Node;
    readonly end: SizedEnd;
    readonly nonce: string;
    readonly keep: (answer: SizedAnswer, transcript: Transcript) => void;
  },
): SendSized {
  return async (bytes) => {
    const params = { address, size: String(bytes - icmpHeader - ipHeaderBytes(familyOf(address))), nonce };
    const transcript = await (end === null || isOnNodeNetwork(end)
      ? node.run(pingWhole, params)
      : node.run(pingWholeInPod, { ...params, netns: namespaceOf(end, links) }));
    const answer = sizedAnswer(transcript);
    keep(answer, transcript);
    return answer;
  };
}

/** What is shown of each way: the last ping that was answered, and the last that was not. */
function createSaid() {
  const kept = new Map<PlannedWay, { answered?: Evidence; lost?: Evidence }>();
  return {
    keep(way: PlannedWay, { got }: SizedAnswer, transcript: Transcript): void {
      kept.set(way, { ...kept.get(way), [got === 'reply' ? 'answered' : 'lost']: evidenceOf(transcript) });
    },
    /** Of the ways that are limited, where some are; else of all. */
    evidence(ways: readonly SizedWay[]): readonly Evidence[] {
      const limited = ways.filter(isLimited);
      return [...kept].flatMap(([{ kind, from }, { answered, lost }]) =>
        limited.length === 0 || limited.some((way) => way.kind === kind && way.from === from)
          ? [answered, lost].filter((one) => one !== undefined)
          : [],
      );
    },
  };
}

type Tries = readonly [tried: readonly Tried[], untried: readonly string[]];

/** One way that cannot be tried costs no other. */
async function tryAll({ ways, untried }: PlannedWays, act: (way: PlannedWay) => Promise<SizeResult>): Promise<Tries> {
  const tried = await Promise.all(
    ways.map(async (way): Promise<Tried | string> => {
      try {
        return { way, result: await act(way) };
      } catch (error) {
        if (error instanceof NotSent || error instanceof LookError) return `${way.from} to ${way.to}: ${error.message}`;
        throw error;
      }
    }),
  );
  return [
    tried.filter((one): one is Tried => typeof one !== 'string'),
    [...untried, ...tried.filter((one) => typeof one === 'string')],
  ];
}

function onlyWays(tried: readonly Tried[]): PlannedWays {
  return { ways: tried.map(({ way }) => way), untried: [] };
}

function wayOf({ way, result }: Tried): SizedWay {
  const { kind, from, to, fromNode, toNode, headerBytes } = way;
  return { kind, from, to, fromNode, toNode, interface: way.interface, headerBytes, ...result };
}
