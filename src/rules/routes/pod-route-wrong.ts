import { hostNet } from '../../model/addresses.ts';
import { picking } from '../../model/evidence.ts';
import type { JudgedWay } from '../../model/judged-way.ts';
import type { Route } from '../../model/network.ts';
import { returnRoute, soleAddress } from '../../model/resource.ts';
import { hasDirectRoute, routesTo, routeText } from '../../model/routes.ts';
import { defineRule, fail, notApplicable, type RawFinding } from '../../model/rule.ts';
import { loopOf } from '../lib/routing-loop.ts';
import { twinRouteWords } from '../lib/twin-interface.ts';
import { noneOf, takenWords, waysOfClass, wayOfLeg } from '../lib/wrong-ways.ts';

export const podRouteWrong = defineRule({
  id: 'pod-route-wrong',
  description: "A node's route to the address of one of its pods leads to another interface than the pod's.",
  step: 'routes',
  requires: ['flow', 'judged-ways'],
  considers: ['flow-outcome', 'path-capture', 'routes@target', 'links@target', 'pods'],
  lacks: ['soleAddress'],
  withholds: ['way', 'returnRoute'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip -d link show {device}   # whose is it? What an earlier pod left can be deleted',
      'ip route replace {address} dev {interface} scope link   # the route that Felix programs',
    ],
  },
  messages: {
    wrong: {
      title: 'Node {node} sends packets for pod {pod} to {device}, which is not the interface of the pod',
      detail:
        'Packets to {address} take the route "{taken}". The interface of the pod is {interface}.{twinRoute}{loop}',
    },
  },
  judge(
    { flow, 'judged-ways': judged },
    { 'flow-outcome': outcome, 'path-capture': capture, 'routes@target': table, 'links@target': links, pods },
    evidence,
  ) {
    if (flow.destination.interface === null && flow.source.interface === null)
      return notApplicable('neither end of the flow has an interface of its own');
    const twinRoute = ({ way: { node } }: JudgedWay): string =>
      node === flow.destination.node && table.status === 'observed' && links.status === 'observed'
        ? twinRouteWords({ end: flow.destination, flow, pods }, { routes: table.value, links: links.value })
        : '';
    // A table that comes before main is another cause. Behind it, the pod's own route may be wrong, too.
    // So may one behind a filter that does not let the packet in.
    const behind = (['own-address', 'elsewhere', 'refused'] as const)
      .flatMap((earlier) => waysOfClass(judged, earlier, { outcome, capture }))
      .filter(({ role, way }) => role === 'pod' && way.destination === flow.destination.address)
      .flatMap((one): RawFinding<'wrong'>[] => {
        const own = table.status === 'observed' ? ownRoute(table.value, one.way.destination) : null;
        if (own === null || one.rightDevice === null || own.device === one.rightDevice) return [];
        const { destination: to, node } = one.way;
        return [
          {
            message: 'wrong',
            data: {
              node,
              pod: one.to,
              address: to,
              device: own.device ?? '?',
              taken: routeText(own),
              interface: one.rightDevice,
              twinRoute: twinRoute(one),
              loop: ` No packet comes to this route yet: ${earlierWords(one)}.`,
            },
            subject: { kind: 'Route', name: hostNet(to) },
            node,
            proof: 'read',
            evidence: picking(evidence('routes@target'), (line) => line.split(/\s+/).includes(to)),
            stopsFlow: false,
            lacks: [soleAddress(node, to)],
          },
        ];
      });
    const findings = waysOfClass(judged, 'wrong-device', { outcome, capture }).map((one): RawFinding<'wrong'> => {
      const loop = loopOf(one, judged, flow);
      return {
        message: 'wrong',
        data: {
          node: one.way.node,
          pod: one.to,
          address: one.way.destination,
          device: one.device ?? '?',
          taken: takenWords(one),
          interface: one.rightDevice ?? '?',
          twinRoute: twinRoute(one),
          loop: loop?.words ?? '',
        },
        subject: { kind: 'Route', name: hostNet(one.way.destination) },
        node: one.way.node,
        proof: 'read',
        evidence: [...one.way.evidence, ...(loop?.evidence ?? [])],
        stopsFlow: true,
        lacks: [soleAddress(one.way.node, one.way.destination)],
        withholds: [wayOfLeg(one), returnRoute(one.way.node, one.way.destination)],
      };
    });
    const all = [...findings, ...behind];
    return all.length > 0 ? fail(...all) : noneOf(judged, 'each pod is reached by its own interface');
  },
});

/** What keeps the packet from the route. */
function earlierWords({ way: { answer }, table }: JudgedWay): string {
  return answer.kind === 'refused'
    ? `the kernel refuses it before, and says "${answer.words}"`
    : `the table ${table ?? 'local'} takes it before`;
}

/** Of the main table: the route of this address alone. */
function ownRoute(table: readonly Route[], address: string): Route | null {
  return hasDirectRoute(table, address) ? (routesTo(table, address)[0] ?? null) : null;
}
