import { tcFilterShowEgress, tcFilterShowIngress, tcQdiscShow, tcQdiscShowInPod } from '../../commands/tc.ts';
import { observed, type Evidence, type Fact } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { FactKey } from '../../model/facts.ts';
import { LookError } from '../../model/look-error.ts';
import type { Area } from '../../model/passage.ts';
import type { ObservedFacts } from '../../model/probe.ts';
import {
  holdsFilters,
  isClosed,
  isForQueues,
  isMade,
  type FilterList,
  type Queue,
  type QueueCounts,
  type TakenPackets,
} from '../../model/queues.ts';
import { parseFilters, parseQueues } from '../parse/queues.ts';
import { outputOf } from './evidence.ts';
import { placesToWatch, type QueueQuestion, type WatchedPlace } from './queue-places.ts';

/** What one look at the watched interfaces saw. */
interface QueueReading {
  readonly nodes: readonly NodeReading[];
  readonly evidence: readonly Evidence[];
}
interface NodeReading {
  readonly area: Area;
  readonly queues: readonly Queue[];
  readonly filters: readonly FilterList[];
}

export interface QueueWatch {
  /** Reads nothing where no interface of the way has a queue that somebody made. */
  read(): Promise<QueueReading>;
  /** Did anything take a packet between the two? */
  took(before: QueueReading, after: QueueReading): boolean;
  /** @param quiet as long later, while nothing was sent; null: not read */
  counts(before: QueueReading, after: QueueReading, quiet: QueueReading | null, sent: number): Fact<QueueCounts>;
}

/** Watches the queues and filters of the interfaces by which the flow goes. */
export async function watchQueues(question: QueueQuestion, facts: ObservedFacts<FactKey>): Promise<QueueWatch> {
  const { places: watched, unread: missed } = await placesToWatch(question, facts);
  const unread = [...missed];
  return {
    async read() {
      const read = await Promise.all(
        watched.map((one) =>
          readNode(one).catch((error: unknown) => {
            if (!(error instanceof LookError)) throw error;
            const { node } = one.node;
            if (!unread.some((known) => known.node === node)) unread.push({ node, why: error.message });
            return null;
          }),
        ),
      );
      const answered = read.filter((one) => one !== null);
      return { nodes: answered.map(({ reading }) => reading), evidence: answered.flatMap(({ evidence }) => evidence) };
    },
    took: (before, after) => watched.some((one) => takenAt(one, before, after, null, 0).length > 0),
    counts: (before, after, quiet, sent) =>
      observed<QueueCounts>(
        {
          taken: watched.flatMap((one) => takenAt(one, before, after, quiet, sent)),
          waiting: watched.flatMap((one) => waitingAt(one, before, after, sent)),
          unread,
        },
        after.evidence,
      ),
  };
}

async function readNode({
  area,
  pod,
  node,
  devices,
  holding,
}: WatchedPlace): Promise<{ readonly reading: NodeReading; readonly evidence: readonly Evidence[] }> {
  const isWatched = (queue: Queue) => isMade(queue) && devices.some(({ device }) => device === queue.device);
  const [queues, ...filters] = await Promise.all([
    pod ? node.run(tcQdiscShowInPod, { netns: pod.namespace }) : node.run(tcQdiscShow),
    ...holding.flatMap((device) => [
      node.run(tcFilterShowIngress, { interface: device }),
      node.run(tcFilterShowEgress, { interface: device }),
    ]),
  ]);
  const text = outputOf(queues);
  return {
    reading: {
      area,
      queues: parseQueues(text).filter(isWatched),
      filters: filters.map((transcript, at) =>
        parseFilters(outputOf(transcript), holding[Math.floor(at / 2)] ?? '', at % 2 === 0 ? 'ingress' : 'egress'),
      ),
    },
    evidence: [
      evidenceOf({
        ...queues,
        stdout: blocksOf(
          text,
          devices.map(({ device }) => device),
        ),
      }),
      ...filters.filter(({ stdout }) => stdout.trim() !== '').map((one) => evidenceOf(one)),
    ],
  };
}

/** What `tc -s qdisc show` says of these interfaces. */
function blocksOf(text: string, devices: readonly string[]): string {
  return text
    .split(/^(?=qdisc )/m)
    .filter((block) => devices.some((device) => block.includes(` dev ${device} `)))
    .join('');
}

/** What rose; a queue or action that is not in both looks is another one. */
function takenAt(
  { area, pod, node, links, devices }: WatchedPlace,
  before: QueueReading,
  after: QueueReading,
  quiet: QueueReading | null,
  sent: number,
): readonly TakenPackets[] {
  const [from, to, later] = [before, after, quiet].map((one) => one?.nodes.find((reading) => reading.area === area));
  if (!from || !to) return [];
  const common = (device: string) => ({
    node: node.node,
    area,
    pod,
    device,
    sent,
    beside: devices.find((one) => one.device === device)?.beside ?? 0,
  });
  const redirects = to.filters.flatMap((list) => redirected(list, from, later ?? null));
  const queues = to.queues.flatMap((queue): readonly TakenPackets[] => {
    const first = from.queues.find((one) => isSame(one, queue));
    const last = later?.queues.find((one) => isSame(one, queue));
    const rise = first ? queue.dropped - first.dropped : 0;
    if (rise <= 0) return [];
    const { device, isRoot } = queue;
    const isHanded = links.some((link) => link.name === device && isForQueues(link));
    if (isHanded && !redirects.some(({ into }) => into === device)) return [];
    const idle = last ? last.dropped - queue.dropped : null;
    if (!holdsFilters(queue))
      return [{ ...common(device), by: 'queue', text: queue.text, isRoot, to: null, rise, idle }];
    const there = to.filters.filter((list) => list.device === device);
    return [{ ...common(device), by: 'filters', text: filterWords(there), isRoot: false, to: null, rise, idle }];
  });
  return [
    ...queues,
    ...redirects.map(({ device, text, into, rise, idle }): TakenPackets => {
      const kind = links.find(({ name }) => name === into)?.kind ?? null;
      return { ...common(device), by: 'redirect', text, isRoot: false, to: { device: into, kind }, rise, idle };
    }),
  ];
}

/** Queues without room for any packet that took none meanwhile: what stops the flow stops it before. */
function waitingAt(
  { area, pod, node, devices }: WatchedPlace,
  before: QueueReading,
  after: QueueReading,
  sent: number,
): readonly TakenPackets[] {
  const queuesAt = (reading: QueueReading) => reading.nodes.find((one) => one.area === area)?.queues ?? [];
  return devices.flatMap(({ device, beside }) =>
    queuesAt(after)
      .filter((queue) => queue.device === device && isClosed(queue))
      .filter((queue) => queuesAt(before).some((one) => isSame(one, queue) && one.dropped === queue.dropped))
      .map(({ text }): TakenPackets => ({
        node: node.node,
        area,
        pod,
        device,
        by: 'queue',
        text,
        isRoot: true,
        to: null,
        rise: 0,
        idle: null,
        sent,
        beside,
      })),
  );
}

function isSame(one: Queue, other: Queue): boolean {
  return one.device === other.device && one.key === other.key && one.text === other.text;
}

function filterWords(lists: readonly FilterList[]): string {
  const words = lists.flatMap(({ hook, actions, programs }) => [
    ...actions.filter(({ kind }) => kind === 'drop').map(({ text }) => `${hook}: ${text}`),
    ...programs.map((name) => `${hook}: eBPF program ${name}`),
  ]);
  return words.length > 0 ? [...new Set(words)].slice(0, 3).join('; ') : 'no filter with an action is listed';
}

function redirected(list: FilterList, before: NodeReading, later: NodeReading | null) {
  const lists = (reading: NodeReading | null) =>
    reading?.filters.find((one) => one.device === list.device && one.hook === list.hook)?.actions;
  return list.actions.flatMap(({ kind, to: into, text, packets }, at) => {
    const [first, last] = [lists(before)?.[at], lists(later)?.[at]];
    const rise = first?.text === text ? packets - first.packets : 0;
    if (kind !== 'redirect' || into === null || rise <= 0) return [];
    return [{ device: list.device, text, into, rise, idle: last?.text === text ? last.packets - packets : null }];
  });
}
