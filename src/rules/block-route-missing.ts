import type { IPPool } from '../model/calico.ts';
import type { Fact } from '../model/evidence.ts';
import type { Route } from '../model/network.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../model/rule.ts';
import { deviceTo, prefixOf, routesTo, routeWords } from '../ruleset/routes.ts';
import { isCrossNode } from './flow-place.ts';
import { poolOf } from './pool-of.ts';

export const blockRouteMissing = defineRule({
  id: 'block-route-missing',
  description: "The source node, or for the reply the pod's node, has no route to the other's block of addresses.",
  step: 'routes',
  requires: ['flow', 'routes@target', 'routes@source'],
  considers: ['pools'],
  explainedBy: ['tunnel-device-down', 'bgp-session-down', 'felix-not-running', 'node-address-misdetected'],
  advice: { who: 'whoever looks after node {node}', commands: ['ip route get {address}', 'calicoctl node status   # is the session to {peer} Established?'] },
  messages: { missing: { title: 'Node {node} has no route to the pods of {peer}', detail: 'Packets to {address} follow "{taken}" instead of a route to the block by way of {peer}.' } },
  judge({ flow, 'routes@target': targetRoutes, 'routes@source': sourceRoutes }, { pools }, evidence) {
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    if (flow.destination.interface === null) return notApplicable('the pod is on the host network');
    const findings: RawFinding<'missing'>[] = [];
    const viaDefault: string[] = [];
    const check = (node: string | null, routes: readonly Route[], address: string, peer: string | null, key: 'routes@target' | 'routes@source') => {
      if (hasBlockRoute(routes, address)) return;
      if (isUnencapsulated(pools, address) && deviceTo(routes, address) !== null) {
        viaDefault.push(node ?? '?');
        return;
      }
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
    if (flow.source.interface !== null) check(flow.destination.node, targetRoutes, flow.source.address, flow.source.node, 'routes@target');
    if (findings.length > 0) return fail(...findings);
    if (viaDefault.length > 0) return inconclusive(`${viaDefault.join(' and ')} sends it by the default route: right only where the network itself routes to pods`);
    return pass('both nodes have a route to the other\'s block');
  },
});

/** Routers between the nodes may know the way to the pods then. */
function isUnencapsulated(pools: Fact<readonly IPPool[]>, address: string): boolean {
  const pool = pools.status === 'observed' ? poolOf(pools.value, address) : null;
  return pool !== null && (pool.spec.ipipMode ?? 'Never') === 'Never' && (pool.spec.vxlanMode ?? 'Never') === 'Never';
}

/** The default route leads no encapsulated packet of a pod anywhere. */
function hasBlockRoute(routes: readonly Route[], address: string): boolean {
  const [taken] = routesTo(routes, address);
  return taken !== undefined && taken.type === 'unicast' && prefixOf(taken) > 0;
}
