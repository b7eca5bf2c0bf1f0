import { familyOf } from '../../model/addresses.ts';
import { mayBeDenied } from '../../model/denied-walk.ts';
import type { Fact } from '../../model/evidence.ts';
import type { CounterBurst, DropCounters, ReasonRise } from '../../model/drop-counters.ts';
import type { Flow } from '../../model/flow.ts';
import type { PathCapture } from '../../model/path-capture.ts';
import type { NodeRuleSets, PacketWalk } from '../../model/flow-walk.ts';
import { proveByCounters } from '../../ruleset/counters/counter-proof.ts';
import { programsOf, type PodPrograms } from '../../model/ebpf-programs.ts';
import { tunnelOfOuter } from '../../tunnels/registry.ts';
import type { AskedSending } from './marked-sending.ts';
import { proveByPrograms, riseFor, risenDrops } from './program-proofs.ts';
import { sentLength } from './send-one.ts';

/** Of the nodes on which a walk ends in a drop; null: none does there. */
interface Snapshot {
  readonly target: NodeRuleSets | null;
  readonly source: NodeRuleSets | null;
  /** Of the pods' interfaces, where nodes run the eBPF dataplane. */
  readonly programs: readonly PodPrograms[];
}
export interface BurstQuestion {
  readonly flow: Flow;
  readonly walks: readonly PacketWalk[];
  readonly idle: {
    readonly target: NodeRuleSets;
    readonly source: NodeRuleSets;
    readonly programs: readonly PodPrograms[];
  };
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** After the flows from the target's own node; null when none were sent. */
  readonly last: Snapshot | null;
  readonly asked: AskedSending;
  readonly sameNodeSent: number;
  /** What captures on the way saw; where they are missing, the counters alone speak. */
  readonly seen: Fact<PathCapture>;
}

/** Bytes that a tunnel adds to the asked packet where this walk meets it. */
function headerBytes({ leg, packet }: PacketWalk): number {
  return leg.endsWith('-outer') ? tunnelOfOuter(packet).headerBytes : 0;
}

/** One comparison for each walk of the asked packet that may end in a drop, and one for flows from the same node. */
export function burstProofs(question: BurstQuestion): DropCounters['bursts'] {
  const { walks, idle, before, after, last, asked, flow } = question;
  const family = familyOf(flow.destination.address);
  const bursts: CounterBurst[] = [];
  for (const walk of walks.filter(mayBeDenied)) {
    const atTarget = walk.node === flow.destination.node;
    if (walk.result.rule?.backend === 'ebpf') {
      bursts.push(...programBurst(walk, question));
      continue;
    }
    const [from, to, first] = atTarget
      ? [before.target, after.target, idle.target]
      : [before.source, after.source, idle.source];
    if (!from || !to) continue;
    const length = asked.length + headerBytes(walk);
    bursts.push({
      node: walk.node,
      leg: walk.leg,
      reached: reachedLeg(walk, question),
      flow: 'asked',
      sent: asked.sent,
      length,
      proof: proveByCounters({
        idle: first.ruleSets,
        before: from.ruleSets,
        after: to.ruleSets,
        packets: asked.sent,
        length,
        ...(atTarget ? { beside: asked.beside } : {}),
        notFresh: null,
        notSeen: atTarget ? lostBefore(walk, question) : [],
        walk: walk.result,
      }),
    });
    if (atTarget && last?.target && question.sameNodeSent > 0) {
      const sameNodeLength = asked.length + sentLength(flow.port, 50, family) - sentLength(flow.port, 0, family);
      bursts.push({
        node: walk.node,
        leg: walk.leg,
        // They were sent on this very node.
        reached: 'yes',
        flow: 'same-node',
        sent: question.sameNodeSent,
        length: sameNodeLength,
        proof: proveByCounters({
          idle: from.ruleSets,
          before: to.ruleSets,
          after: last.target.ruleSets,
          packets: question.sameNodeSent,
          length: sameNodeLength,
          notFresh: null,
          notSeen: [],
          walk: walk.result,
        }),
      });
    }
  }
  return bursts;
}

/** Where a program of the eBPF dataplane ends the asked packet. */
function programBurst(walk: PacketWalk, question: BurstQuestion): readonly CounterBurst[] {
  const { idle, before, after, asked, flow } = question;
  const { node, leg, result } = walk;
  const [first, from, to] = [idle, before, after].map(({ programs }) =>
    programs.find((one) => one.node === node && one.interface === result.rule?.table),
  );
  if (!first || !from || !to) return [];
  const { sent, length } = asked;
  const notSeen = node === flow.destination.node ? lostBefore(walk, question) : [];
  const proof = proveByPrograms({ idle: first, before: from, after: to, packets: sent, length, notSeen, walk: result });
  return [{ node, leg, reached: reachedLeg(walk, question), flow: 'asked', sent, length, proof }];
}

/** What the programs of both pods counted as dropped, in the direction of the asked packets. */
export function risenReasons({
  flow,
  before,
  after,
  quiet,
  sent,
}: {
  readonly flow: Flow;
  readonly before: readonly PodPrograms[];
  readonly after: readonly PodPrograms[];
  /** As long as a burst later, while nothing was sent; empty: not read. */
  readonly quiet: readonly PodPrograms[];
  readonly sent: number;
}): readonly ReasonRise[] {
  const ends = [
    { direction: 'egress', end: flow.source },
    { direction: 'ingress', end: flow.destination },
  ] as const;
  return ends.flatMap(({ direction, end }) => {
    const [from, to, later] = [before, after, quiet].map((programs) => programsOf(programs, end.node, end.address));
    if (!from || !to) return [];
    const { node, interface: device } = to;
    return risenDrops(from, to, direction).map(({ reason, rise }): ReasonRise => {
      const idle = riseFor(reason, [to, later], direction);
      return { node, interface: device, direction, reason, sent, rise, idle };
    });
  });
}

/** The first legs begin where the packets were sent; those on the target's node at its network interface. */
function reachedLeg(walk: PacketWalk, question: BurstQuestion): CounterBurst['reached'] {
  const { leg } = walk;
  if (leg === 'source-egress' || leg === 'same-node') return 'yes';
  const arrived = arrivedAsked(walk, question);
  if (arrived === null || (leg !== 'target-outer' && leg !== 'target-ingress')) return 'unknown';
  return arrived.count >= question.asked.sent ? 'yes' : 'no';
}

/**
 * How many asked packets came to the target's network interface; null: nobody looked. Pings of the same ends are in the
 * capture, too, and meet other rules than a connection or a datagram. Captures may not look for an address that a rule
 * gives to the packets: then those that are missing tell nothing.
 */
function arrivedAsked({ rewritten }: PacketWalk, { seen, flow, asked }: BurstQuestion) {
  const card = seen.status === 'observed' ? seen.value.places.find(({ hop }) => hop === 'target-card') : undefined;
  if (!card) return null;
  const count = card.requests.filter((key) => key.startsWith(`${flow.port.protocol} `)).length;
  return rewritten !== null && count < asked.sent ? null : { card, count };
}

/**
 * Why the packets cannot have met a rule of the target's node: SYNs are all of one length, so as many of somebody
 * else's in the same moment would look like ours.
 */
function lostBefore(walk: PacketWalk, question: BurstQuestion): readonly string[] {
  const { sent } = question.asked;
  const arrived = arrivedAsked(walk, question);
  if (arrived === null || arrived.count >= sent) return [];
  const { card, count } = arrived;
  return [`${count} of the ${sent} packets that were sent were seen on ${card.interface} of ${card.node}`];
}
