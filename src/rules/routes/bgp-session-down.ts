import type { BgpSession, BgpState } from '../../model/bgp.ts';
import type { IPPool } from '../../model/calico.ts';
import type { Fact } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import type { Link, Route } from '../../model/network.ts';
import { bgpSession, bgpTerms, nodeAddress, nodeAnswers } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { prefixOf, routesTo } from '../../model/routes.ts';
import type { Tunnel } from '../../tunnels/contract.ts';
import { tunnelBetween, tunnelOfPool } from '../../tunnels/registry.ts';
import { bgpTrouble, type BgpTrouble } from '../lib/bgp-trouble.ts';
import { poolOf } from '../../calico/pool-of.ts';
import { shareSubnet } from '../../calico/shared-subnet.ts';
import { wasSeenBehind } from '../lib/wrong-ways.ts';

export const bgpSessionDown = defineRule({
  id: 'bgp-session-down',
  description: 'The BGP session by which a node should learn the way to the pods of the other is not established.',
  step: 'routes',
  sharedBy: 'both-nodes',
  requires: ['flow', 'bgp-sessions', 'pools', 'routes@target', 'routes@source', 'links@target', 'links@source'],
  considers: ['flow-outcome', 'path-capture', 'nodes'],
  lacks: ['bgpTerms', 'nodeAddress', 'nodeAnswers'],
  withholds: ['bgpSession'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'calicoctl node status   # on {node} and on {peer}: which sessions are not Established?',
      'timeout 3 bash -c "</dev/tcp/{peerAddress}/179" && echo open   # on {node}: does TCP port 179 of {peer} answer?',
      'aws ec2 authorize-security-group-ingress --group-id GROUP --protocol tcp --port 179 --source-group GROUP   ' +
        '# if it does not; GROUP: the security group of the nodes; or the same rule of another firewall',
      'calicoctl get bgppeer -o wide; calicoctl get bgpconfiguration -o yaml   # who must talk to whom',
    ],
  },
  messages: {
    down: {
      title: 'The BGP session between {node} and {peer} is not established',
      detail:
        '{node} says of its session with {peerAddress}: {info}. Over this session it learns the way to the pods of ' +
        '{peer}, so it has no route to {address}.',
    },
    'all-down': {
      title: 'No BGP session of {node} is established',
      detail: 'Of the first, {node} says: {info}. It learns no routes, so it has none to {address} on {peer}.',
    },
    'reflectors-down': {
      title: 'No BGP session of {node} is established: it has lost {peers}',
      detail:
        'The nodes do not peer with each other here. {node} learns all routes from {peers}, as from a route ' +
        'reflector, and says: {info}. So it has no route to {address} on {peer}.',
    },
    untold: {
      title: '{peer} tells nobody the way to its pods: {silence}',
      detail:
        'The nodes do not peer with each other here. {peer} should tell its own BGP peers, such as a route ' +
        'reflector, the way to its pods, and they tell {node}. So {node} has no route to {address}.',
    },
    stopped: {
      title: 'BIRD does not run on {node}',
      detail:
        'BIRD is the part of calico-node that learns routes by BGP. Pool {pool} is not encapsulated between these ' +
        'nodes, so {node} has no route to {address} on {peer} without it.',
    },
    'peer-stopped': {
      title: 'BIRD does not run on {peer}',
      detail:
        '{node} says of its session with {peerAddress}: {info}. BIRD on {peer} should tell it the way to the pods ' +
        'there, so {node} has no route to {address}.',
    },
    peerless: {
      title: '{node} has no BGP peer',
      detail:
        'BIRD runs there without a session. Nobody tells it the way to the pods of {peer}, so it has no route to ' +
        '{address}.',
    },
  },
  judge(facts, { 'flow-outcome': outcome, 'path-capture': capture, nodes }, evidence) {
    const { flow, 'bgp-sessions': states, pools } = facts;
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    // Where routers between the nodes know the way, no session is needed.
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return pass('the asked flow works');
    const sides: readonly Side[] = [
      {
        of: 'source-egress',
        from: flow.source,
        to: flow.destination,
        routes: facts['routes@source'],
        links: facts['links@source'],
      },
      {
        of: 'reply-target-egress',
        from: flow.destination,
        to: flow.source,
        routes: facts['routes@target'],
        links: facts['links@target'],
      },
    ];
    const lacking = sides.filter(
      (side) => learnsByBgp(side, pools) && lacksRoute(side) && !wasSeenBehind(side.of, capture),
    );
    if (lacking.length === 0) return notApplicable('BGP does not keep a route from either node');
    const known = lacking.flatMap((side) => troubleAt(side, states, poolOf(pools, side.to.address)));
    // What a node says of its own sessions tells why it tells others nothing.
    const found = known.filter(
      ({ isOfPeer, side }) => !isOfPeer || !known.some((one) => !one.isOfPeer && one.side.from.node === side.to.node),
    );
    const [first] = found;
    if (first) {
      // One session has two ends: what both say of it is one finding.
      const peers = [first, ...found.slice(1).filter(({ trouble }) => trouble.kind !== 'down')];
      return fail(...peers.map((one) => findingOf(one, nodes, evidence('bgp-sessions'))));
    }
    const unread = lacking.find(({ from }) => !states.some(({ node }) => node === from.node));
    if (unread) return inconclusive(`the BGP sessions of ${unread.from.node ?? '?'} were not read`);
    return states.every(({ known }) => known === 'status')
      ? pass('the BGP sessions are established')
      : inconclusive('calicoctl does not say which BGP sessions there are, and no attempt at one is seen');
  },
});

/** One node, with what it must reach on the other. */
interface Side {
  /** The packet that needs the route. */
  readonly of: 'source-egress' | 'reply-target-egress';
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  readonly routes: readonly Route[];
  readonly links: readonly Link[];
}
interface Found {
  readonly side: Side;
  readonly trouble: BgpTrouble;
  readonly pool: string;
  /** The other end of the session that is down does not run. */
  readonly peerStopped: boolean;
  /** The trouble is that of the other node: it tells nobody its routes. */
  readonly isOfPeer: boolean;
}
type Trouble = BgpTrouble['kind'] | 'peer-stopped' | 'untold';

/** Source: felix/config, DeviceRouteProtocol and what stands for its default. */
const felixProtocol = '80';

/** Where the nodes' subnets are not known, the pool counts as encapsulated: BIRD may not be needed then. */
function carrierOf({ from, to, links }: Side, pool: IPPool): Tunnel {
  return tunnelBetween(pool, shareSubnet(links, from, to)) ?? tunnelOfPool(pool, false);
}

/**
 * BIRD leads to pods of a pool that is not encapsulated between the nodes, and up to Calico 3.32 to those of an IPIP
 * pool, as long as the tunnel device is up. Felix leads to all pods of a VXLAN pool, also between nodes of one subnet
 * that CrossSubnet does not encapsulate (source: BIRD's kernel filters, which confd writes).
 */
function learnsByBgp(side: Side, pools: readonly IPPool[]): boolean {
  const { to, links, routes } = side;
  const pool = to.interface === null ? null : poolOf(pools, to.address);
  if (!pool || tunnelOfPool(pool, false).device?.routesFrom === 'Felix') return false;
  const { device } = carrierOf(side, pool);
  if (device === null) return true;
  // Newer versions of Felix lead into the tunnel themselves: the routes to other blocks show it.
  if (
    routes.some((route) => route.device === device.name && route.gateway !== null && route.protocol === felixProtocol)
  )
    return false;
  return device.routesFrom === 'BIRD' && links.some(({ name, flags }) => name === device.name && flags.includes('UP'));
}

/** The default route leads to no pod of another node, unless routers between the nodes know the way. */
function lacksRoute({ to, routes }: Side): boolean {
  const [taken] = routesTo(routes, to.address);
  return !taken || taken.type !== 'unicast' || prefixOf(taken) === 0;
}

/** For an IPIP pool newer versions of Felix lead there themselves, and BIRD need not run. */
const carriedAnyway: readonly BgpTrouble['kind'][] = ['down', 'all-down', 'reflectors-down'];

function troubleAt(side: Side, states: readonly BgpState[], pool: IPPool | null): readonly Found[] {
  const { from, to } = side;
  const state = states.find(({ node }) => node === from.node);
  if (!state || !pool || to.nodeAddress === null || from.node === null || to.node === null) return [];
  const mine = bgpTrouble(state, to.nodeAddress);
  const trouble = mine ?? troubleOfPeer(side, state, states);
  const isBare = carrierOf(side, pool).device === null;
  if (!trouble || (!isBare && !carriedAnyway.includes(trouble.kind))) return [];
  const peerStopped = trouble.kind === 'down' && states.some((one) => one.node === to.node && !one.running);
  return [{ side, trouble, pool: pool.spec.cidr, peerStopped, isOfPeer: mine === null }];
}

/** Where this node learns routes from others than the peer: what keeps the peer from telling these its own. */
function troubleOfPeer({ from, to }: Side, own: BgpState, states: readonly BgpState[]): BgpTrouble | null {
  const peer = states.find(({ node }) => node === to.node);
  const isDirect = own.sessions.some(({ address }) => address === to.nodeAddress);
  // Connections alone do not tell that the nodes have no session with each other.
  const isKnown = own.known === 'status' && peer?.known === 'status';
  const found = !isKnown || isDirect || from.nodeAddress === null ? null : bgpTrouble(peer, from.nodeAddress);
  // One session that only the peer wants does not keep it from telling others.
  return found?.kind === 'down' ? null : found;
}

function findingOf(
  { side, trouble, pool, peerStopped, isOfPeer }: Found,
  nodes: Fact<readonly KubernetesNode[]>,
  read: RawFinding['evidence'],
): RawFinding<Trouble> {
  const [node, peer] = [side.from.node ?? '?', side.to.node ?? '?'];
  const sessions = trouble.kind === 'reflectors-down' ? trouble.sessions : [];
  return {
    message: isOfPeer ? 'untold' : peerStopped ? 'peer-stopped' : trouble.kind,
    data: {
      node,
      peer,
      pool,
      address: side.to.address,
      peerAddress: side.to.nodeAddress ?? peer,
      info: 'info' in trouble ? trouble.info : '',
      silence: silenceOf(trouble),
      peers: sessions.map(({ address }) => peerWords(address, nodes)).join(' and '),
    },
    subject: { kind: 'NodePair', name: `${node}→${peer}` },
    node,
    proof: 'read',
    evidence: read,
    stopsFlow: true,
    lacks: [bgpTerms(node, peer), nodeAddress(peer), nodeAddress(node), nodeAnswers(peer)],
    withholds: [bgpSession(node, peer), bgpSession(peer, node)],
    ...(sessions[0] && !isOfPeer ? { advice: ofReflector(sessions[0]) } : {}),
  };
}

function silenceOf({ kind }: BgpTrouble): string {
  if (kind === 'stopped') return 'BIRD does not run there';
  return kind === 'peerless' ? 'it has no BGP peer' : 'none of its BGP sessions is established';
}

/** The address of a BGP peer, with its name where it is a node. */
function peerWords(address: string, nodes: Fact<readonly KubernetesNode[]>): string {
  const all = nodes.status === 'observed' ? nodes.value : [];
  const owner = all.find(({ status }) => status?.addresses?.some((own) => own.address === address));
  return owner ? `${owner.metadata.name} (${address})` : address;
}

function ofReflector({ address }: BgpSession): Advice {
  return {
    who: 'the owner of {peers}',
    commands: [
      'calicoctl node status   # on {node}, and on {peers} where these are nodes',
      `timeout 3 bash -c "</dev/tcp/${address}/179" && echo open   # on {node}: does TCP port 179 answer?`,
      'calicoctl get bgppeer -o wide; calicoctl get bgpconfiguration -o yaml   # who must talk to whom',
    ],
  };
}
