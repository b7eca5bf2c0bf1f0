/** Traffic control of a node, as `tc -s` prints it. Packets that it takes are in no packet filter's counters. */

import type { Link } from './network.ts';
import type { Area } from './passage.ts';

/** One queueing discipline. `clsact` and `ingress` are not queues: tc's filters stand there and count their drops. */
export interface Queue {
  readonly device: string;
  readonly kind: string;
  /** Its handle, and where it hangs: no two queues of an interface have the same. */
  readonly key: string;
  /** It gets every packet that leaves by the interface, not one class of them alone. */
  readonly isRoot: boolean;
  /** Its kind and settings, without handles. */
  readonly text: string;
  /** Since it was made. */
  readonly dropped: number;
}

export type FilterHook = 'ingress' | 'egress';

/** An action of a filter that takes packets away. */
export interface TakingAction {
  readonly kind: 'drop' | 'redirect';
  /** For `redirect`: the interface to which it sends them. */
  readonly to: string | null;
  readonly text: string;
  /** That it took since it was made. */
  readonly packets: number;
}

/** The filters at one hook of an interface. */
export interface FilterList {
  readonly device: string;
  readonly hook: FilterHook;
  readonly actions: readonly TakingAction[];
  /** Names of eBPF programs, which decide by themselves. */
  readonly programs: readonly string[];
}

/** What a queue, or the filters of an interface of the way, took while test packets were sent. */
export interface TakenPackets {
  readonly node: string;
  /** Where the interface stands. */
  readonly area: Area;
  /** The pod in whose network namespace it stands, and the name by which the node knows that; null: in none. */
  readonly pod: { readonly name: string; readonly namespace: string } | null;
  readonly device: string;
  /** `filters`: what those at a hook of the interface dropped together. */
  readonly by: 'queue' | 'filters' | 'redirect';
  /** The settings of the queue, the actions and programs of the filters, or the action that redirects. */
  readonly text: string;
  readonly isRoot: boolean;
  /** For `redirect`: to which interface, and of which kind that is. */
  readonly to: { readonly device: string; readonly kind: string | null } | null;
  readonly rise: number;
  /** In a window as long, afterwards, in which nothing was sent; null: not read. */
  readonly idle: number | null;
  /** Test packets of the asked flow, and what else the node sent by this interface meanwhile. */
  readonly sent: number;
  readonly beside: number;
}

export interface QueueCounts {
  /** Of queues and filters that took at least one packet. */
  readonly taken: readonly TakenPackets[];
  /** Queues that have no room for any packet, to which none came. Absent: none. */
  readonly waiting?: readonly TakenPackets[];
  /** Nodes whose queues were not read, and why. */
  readonly unread: readonly { readonly node: string; readonly why: string }[];
}

const hooks: ReadonlySet<string> = new Set(['clsact', 'ingress']);
/** Disciplines that kernels and distributions choose by themselves: none of them takes every packet. */
const usual: ReadonlySet<string> = new Set(['noqueue', 'noop', 'pfifo_fast', 'mq', 'fq', 'fq_codel', 'cake', 'sfq']);

/** Do filters stand there? */
export function holdsFilters({ kind }: Pick<Queue, 'kind'>): boolean {
  return hooks.has(kind);
}

/** Somebody made it, so that it may take packets. */
export function isMade({ kind }: Pick<Queue, 'kind'>): boolean {
  return !usual.has(kind);
}

/** No packet is shorter: an Ethernet, an IPv4 and a UDP header. */
const shortest = 14 + 20 + 8;

/** Do the settings of the queue leave room for no packet at all? */
export function takesAll({ kind, text }: Pick<Queue, 'kind' | 'text'>): boolean {
  if (kind === 'blackhole') return true;
  if (kind === 'netem') return /\bloss (?:random )?100%/.test(text);
  // A bucket takes no packet that is larger than itself.
  const [, burst] = kind === 'tbf' ? (/\bburst (\d{1,15})b(?: |\/|$)/.exec(text) ?? []) : [];
  if (burst !== undefined && Number(burst) < shortest) return true;
  const [, limit, unit] = /\blimit (\d{1,15})([bp])(?: |$)/.exec(text) ?? [];
  if (limit === undefined) return false;
  return unit === 'p' ? Number(limit) === 0 : Number(limit) < shortest;
}

/** Do its settings alone say that nothing leaves by its interface? */
export function isClosed({ isRoot, kind, text }: Pick<Queue, 'isRoot' | 'kind' | 'text'>): boolean {
  return isRoot && takesAll({ kind, text });
}

/** Is it an interface that only has queues, for packets that filters hand to it and that come back from it? */
export function isForQueues({ kind }: Pick<Link, 'kind'>): boolean {
  return kind === 'ifb';
}

/** Does the packet come back from where the filter sends it? */
export function isHandedOn({ to }: TakenPackets): boolean {
  return to !== null && isForQueues(to);
}
