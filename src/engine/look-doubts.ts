import { neighbourProtocol } from '../model/addresses.ts';
import { ebpfWords } from '../model/dataplane.ts';
import { undecidedRule } from '../model/undecided-rules.ts';
import type { FactKey, FactValue, Place } from '../model/facts.ts';
import type { JudgedWay } from '../model/judged-way.ts';
import type { PacketWalk, PodWalk, PodWalks } from '../model/flow-walk.ts';
import type { Link } from '../model/network.ts';
import { podLink } from '../model/pod-link.ts';
import { isHandedOn } from '../model/queues.ts';
import { cardWith } from '../model/node-card.ts';
import type { Area, Direction } from '../model/passage.ts';
import type { Gathering } from './gather.ts';
import { legsOn, waysOn } from './way-looks.ts';

/** One part of the way in which a packet may have been lost. */
export interface LookedPart {
  readonly area: Area;
  readonly direction: Direction;
  readonly place: Place;
  /** null: not known. */
  readonly node: string | null;
}

type FactSource = Pick<Gathering, 'fact'>;
/** Why a fact does not cover a part of the way, without a full stop, and what shows more. */
export interface LookDoubt {
  readonly why: string;
  /** On the node; null: the command of the look. */
  readonly command: string | null;
}
type Doubt = (part: LookedPart, facts: FactSource) => Promise<LookDoubt | string | null>;

/** For each fact: why it may not cover a part of the way although it was gathered. Facts without an entry always do. */
const doubts: { readonly [K in FactKey]?: Doubt } = {
  async walks({ area, direction }, facts) {
    const legs = legsOn[direction][area] ?? [];
    const open = ((await valueOf(facts, 'walks')) ?? []).filter(({ leg }) => legs.includes(leg));
    return open.map(undecidedBy).find((doubt) => doubt !== null) ?? null;
  },
  async 'kernel-ways'({ area, direction }, facts) {
    const wanted = waysOn[direction][area] ?? [];
    const asked = ((await valueOf(facts, 'kernel-ways')) ?? []).filter(({ of }) => wanted.includes(of));
    if (asked.length === 0) return 'the kernel was not asked for this way';
    for (const { answer, doubt } of asked) {
      if (answer.kind === 'unavailable') return answer.reason;
      if (doubt !== null) return doubt;
    }
    return null;
  },
  async 'judged-ways'({ area, direction }, facts) {
    const wanted: readonly string[] = [...(waysOn[direction][area] ?? []), ...(legsOn[direction][area] ?? [])];
    const judged = (await valueOf(facts, 'judged-ways'))?.ways.filter(({ way }) => wanted.includes(way.of)) ?? [];
    return judged.map(unexplained).find((why) => why !== null) ?? null;
  },
  async dataplanes({ node }, facts) {
    const one = (await valueOf(facts, 'dataplanes'))?.find((dataplane) => dataplane.node === node);
    if (one?.dataplane !== 'ebpf') return null;
    const programs = ((await valueOf(facts, 'programs')) ?? []).filter((read) => read.node === node);
    return programs.length > 0 ? (programs.flatMap(({ unread }) => unread)[0] ?? null) : ebpfWords(one);
  },
  async 'counter-readings'({ node }, facts) {
    const one = (await valueOf(facts, 'counter-readings'))?.find((reading) => reading.node === node);
    return one?.before.conntrack && one.after.conntrack ? null : 'the kernel does not say how full it is';
  },
  async 'queue-counts'({ node, area }, facts) {
    const counts = await valueOf(facts, 'queue-counts');
    const missed = counts?.unread.find((one) => one.node === node);
    if (missed) return missed.why;
    const one = counts?.taken.find((taken) => taken.node === node && taken.area === area && !isHandedOn(taken));
    return one ? `${one.device} of ${one.node} took ${one.rise} packets meanwhile: ${one.text}` : null;
  },
  async 'path-sizes'(_, facts) {
    return (await valueOf(facts, 'path-sizes'))?.untried[0] ?? null;
  },
  async 'node-neighbours'({ node, place }, facts) {
    const entries = ((await valueOf(facts, 'node-neighbours')) ?? []).filter((one) => one.node === node);
    const flow = await valueOf(facts, 'flow');
    const peer = (place === 'target' ? flow?.source : flow?.destination)?.nodeAddress ?? null;
    const hops = entries.filter((one) => one.address !== peer);
    // A next hop need not be the other node: that somebody answers for it is all that is known of it.
    const entry =
      hops.find((one) => one.linkAddress === null) ?? entries.find((one) => one.address === peer) ?? hops[0];
    if (entry && entry.linkAddress !== null && entry.address !== peer) return null;
    if (!entry) return 'none was found for the other end of the flow';
    const { address, device, linkAddress, state } = entry;
    const right = cardWith((await valueOf(facts, place === 'target' ? 'links@source' : 'links@target')) ?? [], address);
    if (linkAddress !== null && linkAddress === right) return null;
    if (linkAddress !== null)
      return (
        `${node} sends packets for ${address} at ${device} to ${linkAddress} (${state}), and the Ethernet address of ` +
        `the other node is ${right ?? 'not known'}`
      );
    return `nobody answers ${neighbourProtocol(address)} for ${address} at ${device} of ${entry.node} (${state})`;
  },
  async 'node-answers'(_, facts) {
    const asked = (await valueOf(facts, 'node-answers')) ?? [];
    const one = asked.find(({ answers }) => answers.length > 0);
    return one ? `${one.node} answered ${one.from} later, behind the test packets: ${one.answers.join(' and ')}` : null;
  },
  async 'pod-walks'({ place }, facts) {
    const walked = await valueOf(facts, 'pod-walks');
    return walked === null ? null : doubtInPod(walked, place === 'source' ? 'source' : 'destination');
  },
};

/** Names the rule on the way that can decide either way; null: every rule decides. */
function undecidedBy({ result }: PacketWalk | PodWalk): LookDoubt | string | null {
  if (result.decision !== 'unknown') return null;
  const undecided = undecidedRule(result);
  if (undecided) return { why: undecided.words, command: undecided.command };
  const [doubt] = result.uncertainties;
  // Without a rule, the hook is named at which the walk ends.
  if (doubt && /^[A-Z]{1,20}$/.test(doubt.rule)) return `at ${doubt.rule}: ${doubt.why}`;
  return doubt ? `the rule "${doubt.rule}" can decide either way: ${doubt.why}` : 'a rule can decide either way';
}

/** Returns why a gathered fact does not cover this part of the way; null: it does. */
export async function doubtOf(key: FactKey, part: LookedPart, facts: FactSource): Promise<LookDoubt | null> {
  const doubt = (await doubts[key]?.(part, facts)) ?? null;
  return typeof doubt === 'string' ? { why: doubt, command: null } : doubt;
}

/** Names the XDP programs there that may take the packet before a capture shows it; null: none is known. */
export async function xdpSuspects({ area, place, node }: LookedPart, facts: FactSource): Promise<string | null> {
  const [links, flow] = await Promise.all([valueOf(facts, `links@${place}`), valueOf(facts, 'flow')]);
  const end = place === 'target' ? flow?.destination : flow?.source;
  const pod = links && end ? (podLink(links, end)?.name ?? end.interface) : null;
  // What the capture on the node's own interface saw has passed its program.
  const isOnWay = ({ name, hostRoutes, addresses }: Link) => {
    if (area.endsWith('-pod')) return name === pod;
    if (name === pod || hostRoutes !== undefined) return false;
    return area === 'underlay' || !addresses.some(({ address }) => address === end?.nodeAddress);
  };
  const words = (links ?? []).filter(isOnWay).flatMap(({ name, xdp }) =>
    // Calico's own pass on what they do not block.
    xdp && !xdp.name?.startsWith('cali') ? [`${name} runs the XDP program ${xdp.name ?? '?'} (id ${xdp.id})`] : [],
  );
  return words.length === 0
    ? null
    : `${words.join(' and ')} on ${node ?? '?'}, which gets packets before a capture does and is not read`;
}

/** Did the kernel choose a way that no rule or table that was read explains? */
function unexplained({ class: judged, device, why }: JudgedWay): string | null {
  if (judged === 'elsewhere') return `no table that was read says whether ${device ?? 'this way'} is right`;
  return judged === 'refused' || judged === 'unknown' ? (why ?? 'no table that was read explains this way') : null;
}

/** A pod sends one packet and receives the other: both walks must have a certain end. */
function doubtInPod({ walks, unread }: PodWalks, end: 'source' | 'destination'): string | null {
  const missed = unread.find((one) => one.end === end);
  if (missed) return missed.why;
  const [doubt] = walks.filter((one) => one.end === end).flatMap((walk) => undecidedBy(walk) ?? []);
  // Only the look knows the command for the pod's own namespace.
  return typeof doubt === 'object' ? doubt.why : (doubt ?? null);
}

async function valueOf<K extends FactKey>(facts: FactSource, key: K): Promise<FactValue<K> | null> {
  const fact = await facts.fact(key);
  return fact.status === 'observed' ? fact.value : null;
}
