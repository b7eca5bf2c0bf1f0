import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import type { Evidence } from '../../model/evidence.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { LookError } from '../../model/look-error.ts';
import type { ReachAttempt } from '../../model/reachability.ts';
import type { Sighting } from '../../model/sightings.ts';
import { describePort } from '../../model/target-grammar.ts';
import { cardTo, unwatchedWords } from './client-interface.ts';
import { parseTcpdump } from '../parse/tcpdump.ts';
import {
  beginBare,
  endBare,
  podPoint,
  type BareCapture,
  type BarePoint,
  type FollowQuestion,
} from './bare-captures.ts';
import { askedPackets, nodeSourceAddress, startCaptures, type Captures } from './captures.ts';
import {
  allListening,
  captureEvidence,
  clientMarks,
  sightingsOf,
  stopAll,
  type AskedPackets,
  type EndedCapture,
} from './sightings.ts';

export interface WaitQuestion extends FollowQuestion {
  /** How long the client has to send. */
  readonly seconds: number;
  /** Do programs hand packets of known flows to the source past every capture? */
  readonly isSourceBypassed: boolean;
  /** @throws when the run is cancelled */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface MetClient {
  readonly attempt: ReachAttempt;
  readonly sightings: readonly Sighting[];
  readonly evidence: readonly Evidence[];
}

/** A capture ends by itself after 10 s: the next one listens before that, so that no packet falls between two. */
const windowMs = 6_000;
/** TCP sends a SYN again after 1 s: so long what was seen is followed. */
const settleMs = 2_500;

interface Window {
  readonly cards: Captures | null;
  readonly bare: readonly BareCapture[];
}

interface Ended {
  readonly bare: readonly EndedCapture[];
  readonly cards: readonly Sighting[];
}

/**
 * Waits for packets that the asked client sends itself, and follows the first ones through every point of the way: the
 * interfaces of the pods, and of the nodes between them. Nothing is sent but the pings that show that captures see.
 * @throws LookError `no-answer` where no packet of the client was seen, with where it was looked for
 */
export async function waitForClient(question: WaitQuestion): Promise<MetClient> {
  const points = pointsOf(question);
  if (points.length === 0)
    throw new LookError('not-supported', 'the interfaces on the way of the client are not known: nothing was watched');
  let window = await openWindow(question, points);
  const ended: Ended[] = [];
  try {
    for (let left = question.seconds * 1000; left > 0; left -= windowMs) {
      await question.sleep(Math.min(left, windowMs));
      const first = await turn();
      if (marksOf(question, first).size === 0) continue;
      await question.sleep(settleMs);
      const last = await close(question, window);
      return met(question, [first, last]);
    }
  } finally {
    stopWindow(window);
  }
  throw new LookError('no-answer', neverWords(question, points, ended));

  /** The next window listens before the one before it is closed. */
  async function turn(): Promise<Ended> {
    const before = window;
    await sendControl(question, points);
    try {
      window = await openWindow(question, points);
    } catch (error) {
      stopWindow(before);
      throw error;
    }
    const closed = await close(question, before);
    ended.push(closed);
    return closed;
  }
}

/** Points on whose interfaces the packets travel as they are. */
function pointsOf({ flow, target, source }: WaitQuestion): readonly BarePoint[] {
  const pod = podPoint('target-pod', 'target', flow.destination, target);
  if (flow.source.kind !== 'outside') return [...podPoint('source-pod', 'source', flow.source, source), ...pod];
  const { watched, control } = cardTo({ flow, target });
  return [
    ...(watched
      ? [{ point: 'target-card', at: 'target', interface: watched, control, owner: flow.source.address } as const]
      : []),
    ...pod,
  ];
}

async function openWindow(question: WaitQuestion, points: readonly BarePoint[]): Promise<Window> {
  const bare = beginBare(question, points, nodesOf(question));
  try {
    const cards = isBetweenNodes(question) ? await startCaptures(question) : null;
    await allListening(bare);
    return { bare, cards };
  } catch (error) {
    stopAll(bare);
    throw error;
  }
}

function isBetweenNodes({ flow }: WaitQuestion): boolean {
  return flow.source.kind !== 'outside' && isCrossNode(flow);
}

/** What a node may give the packets of the client for an address. */
function nodesOf({ flow, source }: WaitQuestion): readonly [string, string] {
  const node = flow.source.nodeAddress ?? flow.destination.nodeAddress ?? flow.source.address;
  return [flow.source.kind === 'outside' ? node : nodeSourceAddress(flow, source), node];
}

/** Every capture must see one packet that is known to pass it. */
async function sendControl({ flow, sending, ...question }: WaitQuestion, points: readonly BarePoint[]): Promise<void> {
  const far = flow.destination.nodeAddress;
  await sending.control([
    ...points.map(({ at, control }) => ({ at, address: control })),
    ...(isBetweenNodes({ flow, sending, ...question }) && far ? [{ at: 'source', address: far } as const] : []),
  ]);
}

function stopWindow({ bare, cards }: Window): void {
  stopAll(bare);
  cards?.stop();
}

async function close(question: WaitQuestion, { bare, cards }: Window): Promise<Ended> {
  const [own, between] = await Promise.all([endBare(bare, question.sending), cards?.sightings(null, 1) ?? []]);
  return { bare: own, cards: between };
}

function askedOf(question: WaitQuestion): AskedPackets {
  const { flow } = question;
  return flow.source.kind === 'outside'
    ? {
        sources: [flow.source.address, ...nodesOf(question)],
        destination: flow.destination.address,
        port: flow.port,
        length: null,
      }
    : askedPackets(question, null);
}

/** What marks the packets that have the client's own address: its node's have others. */
function marksOf(question: WaitQuestion, { bare, cards }: Ended): ReadonlySet<string> {
  const { flow } = question;
  const own = bare.flatMap(({ transcript }) =>
    transcript instanceof LookError ? [] : clientMarks(transcript.stdout, askedOf(question), flow.source.address),
  );
  // What shares its node's network has no interface of its own, and a tunnel gives its packets another address.
  const atCards = isOnNodeNetwork(flow.source) ? cards : [];
  return new Set([...own, ...atCards.flatMap(({ requests }) => requests)]);
}

function met(question: WaitQuestion, windows: readonly [Ended, Ended]): MetClient {
  const asked = marksOf(question, windows[0]);
  const own = sightingsOf(
    windows.flatMap(({ bare }) => bare),
    askedOf(question),
    asked.size,
  );
  const all = [...own, ...windows.flatMap(({ cards }) => cards)];
  const sightings = [...Map.groupBy(all, ({ point }) => point).values()].map((looks) => joined(looks, asked));
  // What leaves the pod has not left its node: to a client outside, the network interface tells.
  const isOutside = question.flow.source.kind === 'outside';
  const card = isOutside ? sightings.find(({ point }) => point === 'target-card') : undefined;
  const nearest = card ?? sightings.find(({ requests }) => requests.length > 0);
  const looks = question.isSourceBypassed ? sightings : sightings.filter((one) => one === nearest);
  const seenBack = looks.flatMap(({ replies }) => replies);
  const back = [...asked].filter((mark) => seenBack.includes(mark));
  // An answer that a capture may have missed is not one that did not come.
  const isAllBack = back.length === asked.size && (card !== undefined || !isOutside);
  const hasLeftPod = sightings.some(({ point, replies }) => point === 'target-pod' && replies.length > 0);
  const doubt = isAllBack ? null : ((hasLeftPod ? unwatchedWords(question) : null) ?? doubtOf(looks));
  const refused = refusedOf(question, windows);
  const answered = back.filter((mark) => !refused.has(mark)).length;
  const { flow } = question;
  return {
    attempt: {
      from: describeEnd(flow.source),
      to: describeEnd(flow.destination),
      what: 'flow',
      port: flow.port,
      sent: asked.size,
      answered,
      answer:
        doubt !== null ? 'error' : back.length < asked.size ? 'none' : answered < back.length ? 'refused' : 'reply',
      detail: `${describePort(flow.port)}, sent by the client itself${doubt === null ? '' : `. But ${doubt}`}`,
    },
    sightings,
    evidence: captureEvidence(windows.flatMap(({ bare }) => bare.map(({ transcript }) => transcript))),
  };
}

/** Two looks of one point: the later one holds what the first was too early for. */
function joined(looks: readonly Sighting[], asked: ReadonlySet<string>): Sighting {
  const [first] = looks as readonly [Sighting, ...Sighting[]];
  const all = (what: 'requests' | 'replies') =>
    [...new Set(looks.flatMap((look) => look[what]))].filter((mark) => asked.has(mark));
  const dropped = looks.map(({ droppedByKernel }) => droppedByKernel);
  return {
    ...first,
    sent: asked.size,
    requests: all('requests'),
    replies: all('replies'),
    sources: [...new Set(looks.flatMap(({ sources = [] }) => sources))],
    strays: looks.reduce((sum, { strays }) => sum + strays, 0),
    control: looks.reduce((sum, { control }) => sum + control, 0),
    droppedByKernel: dropped.includes(null) ? null : dropped.reduce((sum: number, one) => sum + (one ?? 0), 0),
    trouble: looks.find(({ trouble }) => trouble !== null)?.trouble ?? null,
    outer: looks.find(({ outer }) => outer !== null)?.outer ?? null,
    replyOuter: looks.find(({ replyOuter }) => replyOuter !== null)?.replyOuter ?? null,
    silent: [...new Set(looks.flatMap(({ silent }) => silent))],
  };
}

/** Client's ports of connections that the pod refused; what it ended after it had accepted it was answered. */
function refusedOf({ flow }: WaitQuestion, windows: readonly Ended[]): ReadonlySet<string> {
  const { port, source, destination } = flow;
  if (port.protocol !== 'tcp') return new Set();
  const back = windows
    .flatMap(({ bare }) => bare)
    .flatMap(({ transcript }) => (transcript instanceof LookError ? [] : parseTcpdump(transcript.stdout)))
    .filter((one) => one.source === destination.address && one.destination === source.address)
    .filter(({ sourcePort, protocol }) => protocol === 'tcp' && sourcePort === port.number);
  const portsOf = (flag: string) =>
    new Set(back.filter(({ detail }) => detail.includes(flag)).map((one) => `${one.destinationPort}`));
  const accepted = portsOf('S');
  return new Set([...portsOf('R')].filter((one) => !accepted.has(one)));
}

function neverWords(question: WaitQuestion, points: readonly BarePoint[], ended: readonly Ended[]): string {
  const { flow, seconds, targetNode, sourceNode } = question;
  const bare = points.map(
    ({ interface: device, at }) => `${device} on ${(at === 'target' ? targetNode : sourceNode).node}`,
  );
  const cards = ended.flatMap((one) => one.cards.map(({ interface: device, node }) => `${device} on ${node}`));
  const sightings = ended.flatMap((one) => [...sightingsOf(one.bare, askedOf(question), 0), ...one.cards]);
  const doubt = doubtOf(sightings);
  return (
    `no packet from ${describeEnd(flow.source)} to ${describeEnd(flow.destination)} ${describePort(flow.port)} was ` +
    `seen within ${seconds} s. Watched: ${[...new Set([...bare, ...cards])].join(', ')}` +
    (doubt === null ? '' : `. But ${doubt}`)
  );
}

/** Why captures may have missed packets; null: nothing says so. */
function doubtOf(sightings: readonly Sighting[]): string | null {
  const trouble = sightings.find((one) => one.trouble !== null)?.trouble ?? null;
  const blind = sightings.find(({ control, droppedByKernel }) => control === 0 || droppedByKernel !== 0);
  return (
    trouble ?? (blind ? `the capture on ${blind.interface} of ${blind.node} may not have seen every packet` : null)
  );
}
