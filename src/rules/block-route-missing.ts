import type { Route } from '../model/network.ts';
import { defineRule, fail, notApplicable, pass, type RawFinding } from '../model/rule.ts';
import { prefixOf, routesTo, routeWords } from '../ruleset/routes.ts';
import { isCrossNode } from './flow-place.ts';

export const blockRouteMissing = defineRule({
  id: 'block-route-missing',
  description: "The source node, or for the reply the pod's node, has no route to the other's block of addresses.",
  step: 'routes',
  requires: ['flow', 'routes@target', 'routes@source'],
  explainedBy: ['tunnel-device-down', 'bgp-session-down', 'felix-not-running', 'node-address-misdetected'],
  advice: { who: 'whoever looks after node {node}', commands: ['ip route get {address}', 'calicoctl node status   # is the session to {peer} Established?'] },
  messages: { missing: { title: 'Node {node} has no route to the pods of {peer}', detail: 'Packets to {address} follow "{taken}" instead of a route to the block by way of {peer}.' } },
  judge({ flow, 'routes@target': targetRoutes, 'routes@source': sourceRoutes }, _considered, evidence) {
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    const findings: RawFinding<'missing'>[] = [];
    const check = (node: string | null, routes: readonly Route[], address: string, peer: string | null, key: 'routes@target' | 'routes@source') => {
      if (hasBlockRoute(routes, address)) return;
      findings.push({
        message: 'missing',
        data: { node: node ?? '?', address, peer: peer ?? '?', taken: routeWords(routes, address) },
        subject: { kind: 'Route', name: address },
        node,
        proof: 'read',
        evidence: evidence(key),
        stopsFlow: true,
        lacks: [`tunnel/${node}`, `felix/${node}`],
      });
    };
    check(flow.source.node, sourceRoutes, flow.destination.address, flow.destination.node, 'routes@source');
    if (flow.source.kind === 'pod') check(flow.destination.node, targetRoutes, flow.source.address, flow.source.node, 'routes@target');
    return findings.length > 0 ? fail(...findings) : pass('both nodes have a route to the other\'s block');
  },
});

/** The default route leads no packet of a pod anywhere. */
function hasBlockRoute(routes: readonly Route[], address: string): boolean {
  const [taken] = routesTo(routes, address);
  return taken !== undefined && taken.type === 'unicast' && prefixOf(taken) > 0;
}
