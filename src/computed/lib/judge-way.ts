import type { FlowEnd } from '../../model/flow.ts';
import type { JudgedWay, WayRole } from '../../model/judged-way.ts';
import type { KernelRoute, KernelWay, RouteError } from '../../model/kernel-way.ts';
import type { Route } from '../../model/network.ts';
import { isDead, isHostRoute, prefixOf, routesTo, routeText } from '../../model/routes.ts';
import { lookUp, type Lookup, type RoutedPacket } from '../../model/routing-lookup.ts';
import type { RoutingPolicy, RoutingRule } from '../../model/routing-policy.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { isTunnelDevice } from '../../tunnels/registry.ts';

/** What was read about the node and the receiver. */
export interface WayContext {
  readonly to: FlowEnd;
  readonly role: WayRole;
  /** The pod's interface; null: not known, or the receiver is not a pod of this node. */
  readonly podDevice: string | null;
  /** Addresses of the other node. */
  readonly peerAddresses: readonly string[];
  /** Length of the blocks of the pool that holds the receiver's address; null: no pool is known to hold it. */
  readonly blockLength: number | null;
  readonly main: readonly Route[];
  /** null: not read. */
  readonly policy: RoutingPolicy | null;
  readonly packet: RoutedPacket;
}

/** Tables that every kernel consults by default. */
const usualTables: readonly string[] = ['local', 'main', 'default'];

/** What the kernel says where it knows a way and does not take the packet: the reverse path filter, or forwarding. */
const refusedOnItsWay: readonly RouteError[] = ['invalid-argument', 'cross-device', 'no-route-to-host'];

/** Compares the kernel's answer with the tables. A cause is named only if the tables explain the answer. */
export function judgeWay(way: KernelWay, context: WayContext): JudgedWay {
  const { answer } = way;
  const expected = routesTo(context.main, way.destination).find((route) => isRightRoute(route, context)) ?? null;
  const base: JudgedWay = {
    class: 'unknown',
    way,
    role: context.role,
    to: isNode(context) ? `node ${context.to.node ?? '?'}` : describeEnd(context.to),
    toNode: context.to.node,
    device: answer.kind === 'route' && answer.type !== 'local' ? answer.device : null,
    rightDevice: context.role === 'pod' ? context.podDevice : expected && deviceOf(expected),
    rule: null,
    table: answer.kind === 'route' ? answer.table : null,
    taken: null,
    expected,
    why: null,
  };
  if (answer.kind === 'unavailable') return { ...base, why: answer.reason };
  if (way.doubt !== null) return { ...base, why: way.doubt };
  if (answer.kind === 'route') {
    if (answer.type === 'local')
      return { ...base, class: context.role === 'node' || context.role === 'any' ? 'elsewhere' : 'own-address' };
    const unicast = answer.type === 'unicast';
    if (context.role === 'any') return { ...base, class: unicast ? 'right' : 'elsewhere' };
    if (unicast && isRightAnswer(answer, expected, context)) return { ...base, class: 'right' };
    if (context.role === 'pod' && context.podDevice === null) return { ...base, class: 'elsewhere' };
  }
  const found = context.policy
    ? lookUp(context.policy, context.main, context.packet)
    : { kind: 'unknown' as const, why: 'the routing rules of the node were not read' };
  return (
    ruled(base, found, context) ??
    withoutCarrier(base, found) ??
    outsideMain(base, found, context) ??
    byMain(base, context)
  );
}

/** Returns the way as not known where the kernel passes over the right route, which is dead; null: it is not. */
function withoutCarrier(base: JudgedWay, found: Lookup): JudgedWay | null {
  const { expected } = base;
  const isByRule = found.kind === 'ended' || (found.kind === 'route' && !usualTables.includes(found.table));
  return expected && isDead(expected) && !isByRule
    ? { ...base, why: `the route "${routeText(expected)}" is dead, as its interface has no carrier` }
    : null;
}

/** Is the receiver the other node: by its own address, or by that of its tunnel device? */
function isNode({ role, to }: WayContext): boolean {
  return role === 'node' || (role === 'peer' && isOnNodeNetwork(to));
}

/**
 * Returns the way that routing rules take from the main table, with the custom rule that decides; null: they do not, or
 * the main table is wrong as well.
 */
function ruled(base: JudgedWay, found: Lookup, { main, policy, role }: WayContext): JudgedWay | null {
  const { answer, destination } = base.way;
  const [first] = routesTo(main, destination);
  // If the main table is wrong without the rule, too, the rules about routes name that fault.
  if (base.expected === null || first !== base.expected) return null;
  // Without a tunnel, a router between the nodes may know the way of a reply, and no capture shows where it goes.
  const expected = base.expected;
  const mayArrive = (gateway: string | null) =>
    base.way.of === 'reply-target-egress' &&
    (role === 'peer' || role === 'node') &&
    gateway !== null &&
    !throughTunnel(expected);
  if (answer.kind === 'route') {
    if (usualTables.includes(answer.table)) return null;
    if (mayArrive(answer.gateway)) return { ...base, class: 'elsewhere' };
    const certain = found.kind === 'route' && found.table === answer.table ? found : null;
    return {
      ...base,
      class: 'diverted',
      rule: certain?.rule ?? onlyRuleInto(policy, answer.table),
      taken: certain?.route ?? null,
    };
  }
  if (found.kind === 'ended') return { ...base, class: 'diverted', rule: found.rule };
  // No rule leads to the table main, and no other table has a route.
  if (found.kind === 'none' && !isDead(base.expected)) return { ...base, class: 'diverted' };
  if (found.kind !== 'route' || usualTables.includes(found.table)) return null;
  const { rule, table, route } = found;
  if (route.type !== 'unicast') return { ...base, class: 'diverted', rule, table, taken: route };
  // The kernel refuses what the rule would lead away.
  const isRefused = answer.kind === 'refused' && refusedOnItsWay.includes(answer.error);
  const isAway = role !== 'any' && deviceOf(route) !== base.rightDevice && !mayArrive(route.gateway);
  return isRefused && isAway
    ? { ...base, class: 'diverted', rule, table, taken: route, device: deviceOf(route) }
    : null;
}

/**
 * Returns the way outside the cluster, or to the other node, for which the main table has nothing, and that another
 * table or a rule ends, or may end; null: the main table decides. Such a node may have its routes elsewhere on purpose.
 */
function outsideMain(base: JudgedWay, found: Lookup, { role, main }: WayContext): JudgedWay | null {
  if ((role !== 'any' && role !== 'node') || routesTo(main, base.way.destination).length > 0) return null;
  if (found.kind === 'unknown') return { ...base, class: 'refused', why: found.why };
  if (found.kind === 'none' || (found.kind === 'route' && usualTables.includes(found.table))) return null;
  const end = found.kind === 'ended' ? found.action : `${found.route.type} in table ${found.table}`;
  return {
    ...base,
    class: 'refused',
    rule: found.rule,
    why: `routing rule ${found.rule.priority} (${found.rule.text}) ends at ${end}`,
  };
}

function onlyRuleInto(policy: RoutingPolicy | null, table: string): RoutingRule | null {
  const into = (policy?.rules ?? []).filter(({ action }) => action.kind === 'lookup' && action.table === table);
  return into.length === 1 ? (into[0] ?? null) : null;
}

/** Judges by the main table. */
function byMain(base: JudgedWay, context: WayContext): JudgedWay {
  const { main, role, blockLength } = context;
  const { answer, destination } = base.way;
  const [taken = null] = routesTo(main, destination);
  if (answer.kind === 'route' && !usualTables.includes(answer.table)) return { ...base, class: 'elsewhere' };
  if (answer.kind === 'refused' && taken?.type === 'unicast')
    return { ...base, class: 'refused', taken, why: `the kernel says "${answer.words}"` };
  if (role === 'any') return { ...base, class: 'missing', taken };
  if (role === 'node') return { ...base, class: answer.kind === 'refused' ? 'missing' : 'elsewhere', taken };
  if (answer.kind === 'route' && answer.type !== 'unicast')
    return { ...base, class: 'overlapped', taken: taken && base.expected === taken ? null : taken };
  if (answer.kind === 'route' && base.expected !== null && taken === base.expected)
    return { ...base, taken, why: changedMeanwhile(answer, taken) };
  if (role === 'pod')
    return { ...base, class: taken?.type === 'unicast' && isHostRoute(taken) ? 'wrong-device' : 'missing', taken };
  if (taken === null) return { ...base, class: 'missing' };
  const covers =
    // The blackhole of a block belongs to Calico, not to another network.
    (base.expected !== null && !(taken.type === 'blackhole' && isCalicos(taken))) ||
    // Another route with the same prefix keeps the block's route out of the table.
    (taken.protocol === 'kernel' && taken.type === 'unicast' && blockLength !== null && prefixOf(taken) >= blockLength);
  return { ...base, class: covers ? 'overlapped' : 'missing', taken };
}

/**
 * The kernel was asked a moment before or after the table was read. Felix and BIRD take routes out and put them back
 * when the tunnel's device changes, so the two may be of different times: together they show no other network.
 */
function changedMeanwhile({ device }: KernelRoute, taken: Route): string {
  const table = routeText(taken);
  return `the kernel leads it to ${device}, and the table to "${table}": the routes changed while they were read`;
}

/** Protocols of the routes that BIRD and Felix (`proto 80`) write. */
function isCalicos({ protocol }: Route): boolean {
  return protocol === 'bird' || protocol === '80';
}

/** Is it a route of the main table that leads to the right place? */
function isRightRoute(route: Route, { role, podDevice, peerAddresses, main, packet }: WayContext): boolean {
  if (route.type !== 'unicast') return false;
  if (role === 'pod') return podDevice !== null && route.device === podDevice && isHostRoute(route);
  if (role === 'any') return true;
  if (role === 'node') return route === routesTo(main, packet.destination)[0];
  // The next hop is the other node, or any router that BGP chose: routers between nodes are not known by address.
  return (
    isCalicos(route) ||
    hopsOf(route).some(
      ({ device, gateway }) => isTunnelDevice(device) || (gateway !== null && peerAddresses.includes(gateway)),
    )
  );
}

function isRightAnswer({ device, gateway }: KernelRoute, expected: Route | null, context: WayContext): boolean {
  if (context.role === 'pod') return device === context.podDevice;
  if (
    context.role === 'peer' &&
    (isTunnelDevice(device) || (gateway !== null && context.peerAddresses.includes(gateway)))
  )
    return true;
  return (
    expected !== null &&
    hopsOf(expected).some((hop) => hop.device === device && (context.role === 'node' || hop.gateway === gateway))
  );
}

function throughTunnel(route: Route): boolean {
  return hopsOf(route).some(({ device }) => isTunnelDevice(device));
}

function hopsOf({ device, gateway, nextHops }: Route): readonly Route['nextHops'][number][] {
  return nextHops.length > 0 ? nextHops : [{ device, gateway }];
}

function deviceOf({ device, nextHops }: Pick<Route, 'device' | 'nextHops'>): string | null {
  return device ?? nextHops[0]?.device ?? null;
}
