import type { IPPool } from '../../model/calico.ts';
import type { BgpState } from '../../model/bgp.ts';
import type { Fact } from '../../model/evidence.ts';
import type { Flow } from '../../model/flow.ts';
import type { Install } from '../../model/install.ts';
import type { JudgedWays, WayClass } from '../../model/judged-way.ts';
import type { Route } from '../../model/network.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice } from '../../model/rule.ts';
import type { RawFinding } from '../../model/rule.ts';
import { bgpSession, felixOf, nodeAddress, returnRoute, tunnel } from '../../model/resource.ts';
import { deviceTo, prefixOf, routesTo, routeWords } from '../../model/routes.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { bgpTrouble } from '../lib/bgp-trouble.ts';
import { calicoNodeLog, partsData, restartFelix } from '../lib/calico-parts.ts';
import { poolOf } from '../../calico/pool-of.ts';
import { leadsToOthers } from '../lib/leads-to-others.ts';
import { nextHopOfAnother } from '../lib/next-hop-of-another.ts';
import { wasSeenBehind, wayFor } from '../lib/wrong-ways.ts';
import { none } from '../../tunnels/none.ts';
import { tunnelOfPool } from '../../tunnels/registry.ts';

export const blockRouteMissing = defineRule({
  id: 'block-route-missing',
  description: 'One of the two nodes has no route to the address block of the other, or has one through a third node.',
  step: 'routes',
  requires: ['flow', 'routes@target', 'routes@source'],
  considers: [
    'pools',
    'nodes',
    'judged-ways',
    'bgp-sessions',
    'path-capture',
    'flow-outcome',
    'install',
    'tunnel-neighbours',
    'links@target',
    'links@source',
  ],
  lacks: ['tunnel', 'felix', 'bgpSession', 'nodeAddress'],
  withholds: ['returnRoute'],
  advice: {
    who: 'the owner of node {node}',
    commands: ['ip route get {address}', 'calicoctl node status   # is the session to {peer} Established?'],
  },
  messages: {
    missing: {
      title: 'Node {node} has no route to the pods of {peer}',
      detail: 'Packets to {address} take the route "{taken}". Expected: a route to the block of {peer} through {peer}.',
    },
    wrong: {
      title: 'Node {node} sends packets for the pods of {peer} to {other}',
      detail:
        'Packets to {address} take the route "{taken}", and {gateway} is an address of {other}. It looks the ' +
        'same when two nodes claim one block.',
    },
    claimed: {
      title: 'Node {node} sends packets for the pods of {peer} to {other}',
      detail:
        'Packets to {address} take the route "{taken}", and the tunnel leads {gateway} to {other}. Felix writes such ' +
        'a route where the block of the address belongs to {other}: its affinity says so.',
    },
  },
  judge({ flow, 'routes@target': targetRoutes, 'routes@source': sourceRoutes }, considered, evidence) {
    const { pools, nodes, install, 'judged-ways': judged, 'bgp-sessions': sessions } = considered;
    const { 'path-capture': capture, 'flow-outcome': outcome, 'tunnel-neighbours': neighbours } = considered;
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    const isPod = flow.destination.interface !== null;
    const answered = answeredBlock(flow, judged);
    if (!isPod && answered === null) return notApplicable('no packet of the flow goes to an address of a block');
    const findings: RawFinding<'missing' | 'wrong' | 'claimed'>[] = [];
    const viaDefault: string[] = [];
    const uncertain: string[] = [];
    const detours: string[] = [];
    const others: string[] = [];
    const works = outcome.status === 'observed' && outcome.value.judgedPort === 'works';
    const check = (
      node: string | null,
      routes: readonly Route[],
      address: string,
      peer: string | null,
      key: 'routes@target' | 'routes@source',
    ) => {
      const isTarget = key === 'routes@source';
      const of = isTarget ? 'source-egress' : 'reply-target-egress';
      const way = wayFor(judged, [of]);
      const peerLinks = considered[isTarget ? 'links@target' : 'links@source'];
      if (way && othersJudge.includes(way.class)) {
        others.push(node ?? '?');
        return;
      }
      const astray = nextHopOfAnother(routes, address, { node, peer }, { nodes, neighbours, peerLinks });
      if (!astray && way?.class === 'right') return;
      // By a third node, or by routers, packets may arrive: an address that another node lent has such a way.
      const hasRoute = hasBlockRoute(routes, address) && !astray;
      if (!isOneOfSeveral(routes, address) && (works || wasSeenBehind(of, capture))) {
        if (!hasRoute || way?.class === 'missing') detours.push(node ?? '?');
        return;
      }
      if (hasRoute) {
        if (way?.class !== 'missing')
          uncertain.push(`${node ?? '?'}: ${way?.why ?? 'the kernel was not asked for the way'}`);
        return;
      }
      const toPeer = { name: peer ?? '', address: (isTarget ? flow.destination : flow.source).nodeAddress ?? '' };
      const isOwnDuty = (pool: IPPool) =>
        !wasSeenBehind(of, capture) &&
        (lacksSession(sessions, node, toPeer.address) ||
          (nodes.status === 'observed' && leadsToOthers(routes, pool, toPeer, nodes.value)));
      if (!astray && deviceTo(routes, address) !== null && mayBeRouted(pools, address, isOwnDuty)) {
        viaDefault.push(node ?? '?');
        return;
      }
      const felixPool = poolWithRoutesOfFelix(pools, address);
      findings.push({
        message: astray ? (astray.inTunnel ? 'claimed' : 'wrong') : 'missing',
        data: {
          node: node ?? '?',
          address,
          peer: peer ?? '?',
          taken: routeWords(routes, address),
          gateway: astray?.gateway ?? '',
          other: astray?.node ?? '',
          ...(felixPool === null ? {} : { pool: felixPool.spec.cidr, ...partsData(install) }),
        },
        ...(felixPool === null ? {} : { advice: astray ? ofOwner : ofFelix(install) }),
        subject: { kind: 'Route', name: address },
        node,
        proof: 'read',
        evidence: evidence(key),
        stopsFlow: true,
        lacks: [
          ...(node ? [tunnel(node), felixOf(node)] : []),
          ...(node && peer ? [bgpSession(node, peer)] : []),
          ...(peer ? [nodeAddress(peer)] : []),
        ],
        withholds: node ? [returnRoute(node, address)] : [],
      });
    };
    if (isPod) check(flow.source.node, sourceRoutes, flow.destination.address, flow.destination.node, 'routes@source');
    if (answered !== null) check(flow.destination.node, targetRoutes, answered, flow.source.node, 'routes@target');
    if (findings.length > 0) return fail(...findings);
    if (viaDefault.length > 0)
      return inconclusive(
        `${viaDefault.join(' and ')} sends it by the default route, which is right only if the network itself ` +
          'routes to pods',
      );
    if (others.length > 0)
      return notApplicable(`${others.join(' and ')} leads the packet by a route that is not the block's`);
    if (uncertain.length > 0)
      return inconclusive(`not certain that the route is the one that is taken: ${uncertain.join('; ')}`);
    return detours.length > 0
      ? pass(`the packets of ${detours.join(' and ')} arrive, though not by a route to the block of the other node`)
      : pass('each node has a route to the block of the other');
  },
});

/**
 * The address of a block to which the answers go: a pod's own, or that of the tunnel device that a node's own packets
 * have; null: they go to the address of the node, or it is not known.
 */
function answeredBlock({ source, destination }: Flow, judged: Fact<JudgedWays>): string | null {
  const isBetweenPods = source.interface !== null && destination.interface !== null;
  const answer = wayFor(judged, ['reply-target-egress']);
  if (answer === null) return isBetweenPods ? source.address : null;
  return answer.role === 'peer' ? answer.way.destination : null;
}

/** Where VXLAN carries packets, BGP leads nowhere. A Felix that starts would believe a Typha that is behind. */
function ofFelix(install: Fact<Install>): Advice {
  const hasTypha = install.status === 'unavailable' || install.value.typha !== null;
  return {
    who: 'the Calico administrator',
    commands: [
      'ip route get {address}',
      'ip route show to root {pool}   # Felix writes the routes to the blocks of this pool',
      calicoNodeLog(100),
      ...(hasTypha ? [] : [`${restartFelix}   # relief: a Felix that starts writes every route`]),
    ],
  };
}

/** A Felix that starts writes the same route again. */
const ofOwner: Advice = {
  who: 'the Calico administrator',
  commands: [
    'ip route get {address}',
    'calicoctl ipam show --show-blocks   # which block holds {address}, and is it borrowed?',
    'kubectl get nodes -o wide   # was {other} made anew with the name or the address of another node?',
  ],
};

/** The pool of the address, if its tunnel is one to which Felix writes the routes, between neighbours too. */
function poolWithRoutesOfFelix(pools: Fact<readonly IPPool[]>, address: string): IPPool | null {
  const pool = pools.status === 'observed' ? poolOf(pools.value, address) : null;
  return pool && tunnelOfPool(pool, false).device?.routesFrom === 'Felix' ? pool : null;
}

/** The block's route is not what the packet gets: other rules say why. */
const othersJudge: readonly WayClass[] = ['diverted', 'overlapped', 'own-address'];

/** BGP is the only way by which the node would learn the route, and does not bring it. */
function lacksSession(sessions: Fact<readonly BgpState[]>, node: string | null, peerAddress: string): boolean {
  const state = sessions.status === 'observed' ? sessions.value.find((one) => one.node === node) : undefined;
  return state !== undefined && peerAddress !== '' && bgpTrouble(state, peerAddress) !== null;
}

/**
 * May routers between the nodes know the way to the pods? So where the pool is not encapsulated, unless the node itself
 * learns such routes, by BGP or for other blocks, and lacks this one. And so where no pool holds the address: Calico
 * brings no route to it.
 */
function mayBeRouted(pools: Fact<readonly IPPool[]>, address: string, isOwnDuty: (pool: IPPool) => boolean): boolean {
  if (pools.status === 'unavailable') return false;
  const pool = poolOf(pools.value, address);
  return pool === null || (tunnelOfPool(pool, false) === none && !isOwnDuty(pool));
}

/** Test packets take one of several next hops, and packets of other flows another. */
function isOneOfSeveral(routes: readonly Route[], address: string): boolean {
  return (routesTo(routes, address)[0]?.nextHops.length ?? 0) > 1;
}

/** The default route leads no encapsulated packet of a pod anywhere. */
function hasBlockRoute(routes: readonly Route[], address: string): boolean {
  const [taken] = routesTo(routes, address);
  return taken !== undefined && taken.type === 'unicast' && prefixOf(taken) > 0;
}
