import type { Flow } from '../../model/flow.ts';
import { leavesCluster } from '../../model/flow-place.ts';
import type { Link } from '../../model/network.ts';
import type { PassageMark } from '../../model/passage.ts';
import { doubtOnAbsence, wayPoints, type Sighting, type WayPoint } from '../../model/sightings.ts';
import { isTunnelDevice } from '../../tunnels/registry.ts';

type Looked = Omit<PassageMark, 'direction'>;
/** A point that both the request and the reply pass. */
export interface TwoWayPoint {
  readonly request: Looked;
  readonly reply: Looked;
}

/** What is known of the way, by which a capture may not know the asked packets. */
export interface KnownWay {
  /** Nodes that run Calico's eBPF dataplane. */
  readonly onEbpf: ReadonlySet<string>;
  /** The source address that a rule of the source's node gives to the packets; null: none does. */
  readonly now: string | null;
  /** Where captures do not look for packets with that address. */
  readonly hidden: readonly WayPoint[];
  /** The source address that the sending pod itself gives to the packets, if not its own one. No capture knows it. */
  readonly own: string | null;
}

/**
 * Returns the points at which captures do not know packets by this source address. Between the nodes they look for the
 * asked one and for that of the tunnel, and behind them also for the node's own.
 */
export function hiddenAt({ source }: Flow, now: string | null, links: readonly Link[]): readonly WayPoint[] {
  const isTunnels = links.some(
    ({ name, addresses }) => isTunnelDevice(name) && addresses.some(({ address }) => address === now),
  );
  if (now === null || now === source.address || isTunnels) return [];
  const onNetwork: readonly WayPoint[] = ['source-card', 'target-card'];
  return now === source.nodeAddress ? onNetwork : [...onNetwork, 'target-tunnel', 'target-pod'];
}

/**
 * Returns the points of this flow's way, from the source on, each with what a capture there saw.
 * @param works does the flow work? Then only points with a capture are returned
 */
export function pointsOf(
  flow: Flow,
  sightings: readonly Sighting[],
  works: boolean,
  { onEbpf, now, hidden, own }: KnownWay,
): readonly TwoWayPoint[] {
  const expected = works ? [] : expectedPoints(flow);
  return wayPoints
    .filter((point) => expected.includes(point) || sightings.some((sighting) => sighting.point === point))
    .map((point) => {
      const there = sightings.filter((sighting) => sighting.point === point);
      const common = {
        point,
        node: there[0]?.node ?? nodeOf(point, flow),
        interface: interfaceOf(point, there, flow),
        silent: [...new Set(there.flatMap(({ silent }) => silent))],
      };
      const renamed = hidden.includes(point)
        ? `${flow.source.node} gives the packets the source address ${now}, which the capture does not look for`
        : null;
      const misnamed = own && `${flow.source.name} sends the packets from ${own}, which the capture does not look for`;
      const seen = (what: 'requests' | 'replies') =>
        looked(there, what, misnamed ?? renamed ?? bypassDoubt(point, what, flow, onEbpf));
      return { request: { ...common, ...seen('requests') }, reply: { ...common, ...seen('replies') } };
    });
}

function expectedPoints({ source, destination }: Flow): readonly WayPoint[] {
  const fromPod: readonly WayPoint[] = source.interface === null ? [] : ['source-pod'];
  const toPod: readonly WayPoint[] = destination.interface === null ? [] : ['target-pod'];
  if (leavesCluster({ source, destination })) return [...fromPod, 'source-card'];
  const isLocal = source.kind === 'outside' || source.node === destination.node;
  return [...fromPod, ...(isLocal ? [] : (['source-card', 'target-card'] as const)), ...toPod];
}

function isAtSource(point: WayPoint): boolean {
  return point === 'source-pod' || point === 'source-card';
}

function nodeOf(point: WayPoint, { source, destination }: Flow): string | null {
  return isAtSource(point) ? source.node : destination.node;
}

function interfaceOf(point: WayPoint, [there]: readonly Sighting[], { source, destination }: Flow): string | null {
  if (there) return there.interface;
  return point === 'source-pod' ? source.interface : point === 'target-pod' ? destination.interface : null;
}

/** One captured packet is enough for `seen`. `not-seen` needs a capture that would have shown it. */
function looked(
  there: readonly Sighting[],
  what: 'requests' | 'replies',
  bypass: string | null,
): Pick<PassageMark, 'state' | 'why' | 'outer'> {
  const seen = there.find((sighting) => sighting[what].length > 0);
  if (seen) return { state: 'seen', why: null, outer: what === 'requests' ? seen.outer : seen.replyOuter };
  const doubts = there.map(
    (sighting) => bypass ?? doubtOnAbsence(sighting) ?? (what === 'replies' ? strayDoubt(sighting) : null),
  );
  if (doubts.includes(null)) return { state: 'not-seen', why: null, outer: null };
  return { state: 'not-looked', why: doubts.at(-1) ?? 'no capture ran here', outer: null };
}

/**
 * Returns why "not seen" does not count at a pod's interface where eBPF programs deliver; null: it counts. Only the
 * first packet of a flow that they do not know passes a capture there. All pings between two addresses are one flow.
 */
function bypassDoubt(
  point: WayPoint,
  what: 'requests' | 'replies',
  flow: Flow,
  onEbpf: ReadonlySet<string>,
): string | null {
  const node = nodeOf(point, flow);
  const isLater = what === 'replies' ? point === 'source-pod' : point === 'target-pod' && flow.port.protocol === 'icmp';
  return node !== null && onEbpf.has(node) && isLater
    ? `the eBPF programs of ${node} hand packets of a known flow to the pod past every capture`
    : null;
}

function strayDoubt({ strays }: Sighting): string | null {
  return strays === 0 ? null : 'answers to other requests of the same flow passed here';
}

/** A packet that was seen at a later point has passed all points before it, whatever their captures show. */
export function withPassed(marks: readonly PassageMark[]): readonly PassageMark[] {
  const last = marks.findLastIndex(({ state }) => state === 'seen');
  return marks.map((mark, at) => (at < last && mark.state !== 'seen' ? { ...mark, state: 'passed', why: null } : mark));
}
