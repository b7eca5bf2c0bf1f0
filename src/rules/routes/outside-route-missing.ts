import type { Flow } from '../../model/flow.ts';
import type { JudgedWay, JudgedWays } from '../../model/judged-way.ts';
import type { WayOf } from '../../model/kernel-way.ts';
import { defineRule, fail, inconclusive, notApplicable, type RawFinding } from '../../model/rule.ts';
import { nodeNetworking } from '../../model/resource.ts';
import { routeText } from '../../model/routes.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';
import { noneOf, packetWords, takenWords, waysOfClass, wayOfLeg } from '../lib/wrong-ways.ts';

export const outsideRouteMissing = defineRule({
  id: 'outside-route-missing',
  description:
    'A node has no route to an address that no pod has, such as that of a client outside or of another node. Or it ' +
    'has one that refuses packets.',
  step: 'routes',
  requires: ['flow', 'judged-ways'],
  considers: ['flow-outcome', 'path-capture'],
  lacks: ['nodeNetworking'],
  withholds: ['way'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip route get {address}',
      'ip route show to match {address}   # find out who added the route that wins, or who removed the default route',
    ],
  },
  messages: {
    refuses: {
      title: 'Node {node} has a route of type {type} that refuses packets to {address}',
      detail: 'Packets to {address} take the route "{taken}". The kernel says "{words}".',
    },
    missing: {
      title: 'Node {node} has no route to {address}',
      detail: 'No route of its main table holds {address}. The kernel says "{words}".',
    },
  },
  judge({ flow, 'judged-ways': judged }, { 'flow-outcome': outcome, 'path-capture': capture }) {
    const wanted = [...outer, ...leading(flow, judged)];
    const findings = waysOfClass(judged, 'missing', { outcome, capture })
      .filter((one) => wanted.includes(one.way.of) && !goesElsewhere(one, judged))
      .map((one): RawFinding<'refuses' | 'missing'> => {
        const { way, taken } = one;
        return {
          message: taken ? 'refuses' : 'missing',
          data: {
            node: way.node,
            address: way.destination,
            type: taken?.type ?? '',
            taken: taken ? routeText(taken) : '',
            words: way.answer.kind === 'refused' ? way.answer.words : '',
          },
          subject: { kind: 'Route', name: taken?.destination ?? way.destination },
          node: way.node,
          proof: 'read',
          evidence: way.evidence,
          stopsFlow: true,
          lacks: [nodeNetworking(way.node)],
          withholds: [wayOfLeg(one)],
        };
      });
    if (findings.length > 0) return fail(...findings);
    const works = outcome.status === 'observed' && outcome.value.judgedPort === 'works';
    const asked = works ? [] : wanted.flatMap((of) => judged.ways.find((one) => one.way.of === of) ?? []);
    const open = asked.find(
      (one) => one.class === 'refused' || (one.class === 'elsewhere' && !outer.includes(one.way.of)),
    );
    if (open)
      return inconclusive(`the way of ${packetWords(open)} is not certain on ${open.way.node}: ${whyOpen(open)}`);
    if (wanted.length === outer.length) return notApplicable('the packet and its answer go to pods');
    if (asked.some((one) => one.class === 'diverted' && !outer.includes(one.way.of)))
      return notApplicable('a routing rule decides the way of the packet');
    return noneOf(judged, 'the kernel has a route for the packet');
  },
});

const outer: readonly WayOf[] = ['source-outer', 'reply-target-outer'];

/** A tunnel whose routes name the other node may lead to another address of it than the cluster tells. */
function goesElsewhere({ way }: JudgedWay, { ways }: JudgedWays): boolean {
  if (!outer.includes(way.of)) return false;
  const inner = ways.find(
    (one) => one.way.of === (way.of === 'source-outer' ? 'source-egress' : 'reply-target-egress'),
  );
  if (inner?.way.answer.kind !== 'route') return false;
  const { device, gateway } = inner.way.answer;
  return tunnelOfDevice(device).routedByNode && gateway !== null && gateway !== way.destination;
}

/** Of the flow's own packets those that go to no address of a pool, as pods and the tunnels of nodes have. */
function leading({ source, destination }: Flow, { ways, unasked }: JudgedWays): readonly WayOf[] {
  const of = 'reply-target-egress';
  const answer = ways.find(({ way }) => way.of === of);
  // Nobody asked for the way of an answer that may go to a node, or out of the cluster.
  const isOpen = source.interface === null && unasked.includes(of);
  return [
    ...(destination.interface === null ? ['source-egress' as const] : []),
    ...(answer?.role === 'node' || answer?.role === 'any' || isOpen ? [of as WayOf] : []),
  ];
}

function whyOpen(way: JudgedWay): string {
  return way.why ?? takenWords(way);
}
