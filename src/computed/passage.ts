import { defineComputed } from '../model/computed.ts';
import { observed, type Fact } from '../model/evidence.ts';
import type { Flow } from '../model/flow.ts';
import type { PodWalks } from '../model/flow-walk.ts';
import type { PodNetwork } from '../model/network.ts';
import type { Reachability, ReachAttempt } from '../model/reachability.ts';
import type { Passage, PassageMark } from '../model/passage.ts';
import type { Sightings } from '../model/sightings.ts';
import { hiddenAt, pointsOf, withPassed, type KnownWay } from './lib/passage-points.ts';
import { areasBetween, stopOf } from './lib/passage-stop.ts';

export const passage = defineComputed({
  id: 'passage',
  description: 'The way of the asked packets and of their replies, point by point, and where the flow stops.',
  essential: false,
  needs: ['flow'],
  considers: ['reachability', 'sightings', 'dataplanes', 'walks', 'links@source', 'source-pod-network', 'pod-walks'],
  async compute(facts) {
    const [reachability, sightings, planes, walks, links, network, inPods] = await Promise.all([
      facts.ask('reachability'),
      facts.ask('sightings'),
      facts.ask('dataplanes'),
      facts.ask('walks'),
      facts.ask('links@source'),
      facts.ask('source-pod-network'),
      facts.ask('pod-walks'),
    ]);
    const flow = facts.get('flow');
    const evidence = [...reachability.evidence, ...sightings.evidence];
    const onEbpf = new Set(
      (planes.status === 'observed' ? planes.value : []).flatMap(({ node, dataplane }) =>
        dataplane === 'ebpf' ? [node] : [],
      ),
    );
    const change = walks.status === 'observed' ? walks.value.find(({ rewritten }) => rewritten !== null) : undefined;
    const now = change?.rewritten?.now ?? null;
    const hidden = hiddenAt(flow, now, links.status === 'observed' ? links.value : []);
    const own = rewrittenInPod(inPods) ?? ownSource(flow, network);
    return observed(passageOf(flow, reachability, sightings, { onEbpf, now, hidden, own }), evidence);
  },
});

/** The address that the kernel of the sending pod gives to the packets, where the cluster knows another; else null. */
function ownSource({ source }: Flow, network: Fact<PodNetwork>): string | null {
  const way = network.status === 'observed' ? network.value.way : null;
  if (way?.kind !== 'route' || way.preferredSource === source.address) return null;
  return way.preferredSource;
}

/** The address that a rule inside the sending pod gives to the packets; null: none does. */
function rewrittenInPod(inPods: Fact<PodWalks>): string | null {
  const all = inPods.status === 'observed' ? inPods.value.walks : [];
  const sent = all.find(({ end, packet }) => end === 'source' && packet === 'request');
  return sent && sent.result.packet.source !== sent.asked.source ? sent.result.packet.source : null;
}

function passageOf(flow: Flow, reachability: Fact<Reachability>, sightings: Fact<Sightings>, known: KnownWay): Passage {
  const asked = reachability.status === 'observed' ? triesOf(reachability.value) : [];
  const sent = asked.some((attempt) => attempt.sent > 0);
  const works = sent && asked.every(({ answer }) => answer === 'reply');
  const points = pointsOf(flow, sightings.status === 'observed' ? sightings.value.points : [], works, known);
  const sender = { point: 'sender' as const, node: flow.source.node, interface: null, outer: null, silent: [] };
  const pod = { point: 'pod' as const, node: flow.destination.node, interface: null, outer: null, silent: [] };
  const whyNot = reachability.status === 'unavailable' ? reachability.reason : 'nothing was sent';
  const marks = withPassed([
    { ...sender, direction: 'request', state: sent ? 'seen' : 'not-looked', why: sent ? null : whyNot },
    ...points.map((point): PassageMark => ({ ...point.request, direction: 'request' })),
    { ...pod, direction: 'request', state: 'not-looked', why: 'nothing is captured inside the pod' },
    ...(sent
      ? [
          ...points.toReversed().map((point): PassageMark => ({ ...point.reply, direction: 'reply' })),
          { ...sender, direction: 'reply' as const, ...endOf(asked) },
        ]
      : []),
  ]);
  return { marks, between: areasBetween(marks), stop: works ? null : stopOf(marks) };
}

function triesOf({ attempts }: Reachability): readonly ReachAttempt[] {
  return attempts.filter(({ what }) => what === 'flow');
}

/** Returns what came back to the sender. A refusal is an answer, too. Silence after a datagram is not a loss. */
function endOf(asked: readonly ReachAttempt[]): Pick<PassageMark, 'state' | 'why'> {
  if (asked.some(({ answered, answer }) => answered > 0 || answer === 'reply' || answer === 'refused'))
    return { state: 'seen', why: null };
  if (asked.some(({ answer }) => answer === 'error')) return { state: 'not-looked', why: 'the try itself failed' };
  return asked.every(({ port, answer }) => port.protocol === 'udp' && answer === 'none')
    ? { state: 'not-looked', why: 'a UDP service may leave a datagram without an answer' }
    : { state: 'not-seen', why: null };
}
