import { addressRange, familyOf, rangeHolds } from './addresses.ts';
import type { Route } from './network.ts';
import { own } from './own.ts';
import { isDead, prefixOf, routesTo } from './routes.ts';
import type { NumberRange, RoutingPolicy, RoutingRule } from './routing-policy.ts';

/** What routing rules may ask of a packet. null: not known, or (`inInterface`) the node sends it itself. */
export interface RoutedPacket {
  readonly destination: string;
  /** null: the node sends it, and the kernel has not chosen the address yet. */
  readonly source: string | null;
  readonly inInterface: string | null;
  /** The table of the VRF of `inInterface`; null: not known. Not given: it is in none. */
  readonly vrfTable?: string | null;
  readonly mark: number;
  readonly protocol: number | null;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

/** How rules and tables explain the kernel's choice. */
export type Lookup =
  | { readonly kind: 'route'; readonly rule: RoutingRule; readonly table: string; readonly route: Route }
  /** The rule itself ends the packet. */
  | { readonly kind: 'ended'; readonly rule: RoutingRule; readonly action: 'blackhole' | 'unreachable' | 'prohibit' }
  /** No table has a route. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Looks the packet up as the kernel does (net/core/fib_rules.c, net/ipv4/fib_rules.c): one rule after the other, each
 * table's longest prefix. A table that has no route, or one of type throw, hands the packet on to the next rule.
 * @param main the routes of the table `main`
 */
export function lookUp({ rules, tables }: RoutingPolicy, main: readonly Route[], packet: RoutedPacket): Lookup {
  let from = 0;
  for (const rule of rules) {
    if (rule.priority < from) continue;
    const taken = takes(rule, packet);
    if (taken === null)
      return { kind: 'unknown', why: `whether rule ${rule.priority} (${rule.text}) takes the packet is not known` };
    if (!taken) continue;
    const { action } = rule;
    if (action.kind === 'blackhole' || action.kind === 'unreachable' || action.kind === 'prohibit')
      return { kind: 'ended', rule, action: action.kind };
    if (action.kind === 'goto') from = action.priority;
    const table = action.kind === 'lookup-of-vrf' ? (packet.vrfTable ?? null) : null;
    // A VRF names its table by number, and `ip route` may print a name.
    if (action.kind === 'lookup-of-vrf' && (table === null || own(tables, table) === undefined))
      return { kind: 'unknown', why: `which table rule ${rule.priority} (${rule.text}) asks is not known` };
    const asked = action.kind === 'lookup' ? action.table : table;
    if (asked === null) continue;
    const route = routeIn(asked === 'main' ? main : (own(tables, asked) ?? []), packet.destination, rule);
    if (route) return { kind: 'route', rule, table: asked, route };
  }
  return { kind: 'none' };
}

function routeIn(table: readonly Route[], destination: string, { suppressedPrefix }: RoutingRule): Route | null {
  const [route] = routesTo(table, destination).filter((one) => !isDead(one));
  if (!route || route.type === 'throw') return null;
  return suppressedPrefix !== null && prefixOf(route) <= suppressedPrefix ? null : route;
}

/** null: not known. */
function takes(rule: RoutingRule, packet: RoutedPacket): boolean | null {
  if (rule.unread.length > 0) return null;
  if (rule.action.kind === 'lookup-of-vrf') {
    if (rule.not) return null;
    if (packet.vrfTable === undefined) return false;
  }
  const parts = [
    holds(rule.from, packet.source),
    holds(rule.to, packet.destination),
    rule.mark === null || (packet.mark & rule.mark.mask) >>> 0 === (rule.mark.value & rule.mark.mask) >>> 0,
    // No packet of a pod, and none that a diagnosis sends, has a type of service.
    rule.tos === null || rule.tos === 0,
    // A packet of the node itself comes from its loopback.
    rule.inInterface === null || rule.inInterface === (packet.inInterface ?? 'lo'),
    // Only a socket that is bound to an interface has one before its route is chosen.
    rule.outInterface === null,
    rule.protocol === null || (packet.protocol === null ? null : rule.protocol === packet.protocol),
    inRange(rule.sourcePorts, packet.sourcePort),
    inRange(rule.destinationPorts, packet.destinationPort),
    // What is forwarded, and what the bot sends, is root's.
    rule.uids === null || rule.uids[0] === 0,
  ];
  const matches = parts.includes(false) ? false : parts.includes(null) ? null : true;
  return matches === null ? null : matches !== rule.not;
}

/** An address that is not chosen yet is 0.0.0.0, or `::`. */
function holds(network: string | null, address: string | null): boolean {
  if (network === null) return true;
  const range = addressRange(network);
  return range !== null && rangeHolds(range, address ?? (familyOf(network) === 6 ? '::' : '0.0.0.0'));
}

function inRange(range: NumberRange | null, value: number | null): boolean | null {
  if (range === null) return true;
  return value === null ? null : range[0] <= value && value <= range[1];
}
