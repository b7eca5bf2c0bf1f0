import type { Route } from './network.ts';
import { addressRange, familyOf, hostPrefix, rangeHolds } from './addresses.ts';

/**
 * Routes of the main table that hold an address, the kernel's choice first: the longest prefix, then the lowest metric.
 */
export function routesTo(routes: readonly Route[], address: string): readonly Route[] {
  return routes
    .filter((route) => {
      const range = addressRange(route.destination);
      return range !== null && rangeHolds(range, address);
    })
    .toSorted((a, b) => prefixOf(b) - prefixOf(a) || a.metric - b.metric);
}

export function prefixOf({ destination }: Route): number {
  return Number(destination.split('/')[1] ?? hostPrefix(familyOf(destination)));
}

/** Does the kernel pass over the route, as its interface has no carrier (`ignore_routes_with_linkdown`)? */
export function isDead({ flags }: Route): boolean {
  return flags.includes('dead');
}

/** Does the route lead to one address alone, as Felix's routes to pods do (/32, of IPv6 /128)? */
export function isHostRoute(route: Route): boolean {
  return prefixOf(route) === hostPrefix(familyOf(route.destination));
}

/** The interface by which a packet to the address leaves, null when no route takes it anywhere. */
export function deviceTo(routes: readonly Route[], address: string): string | null {
  const [taken] = routesTo(routes, address);
  return taken?.type === 'unicast' ? (taken.device ?? taken.nextHops[0]?.device ?? null) : null;
}

/** Does a route of this address alone lead through an interface, as for a pod of this node? */
export function hasDirectRoute(routes: readonly Route[], address: string): boolean {
  const [taken] = routesTo(routes, address);
  return taken !== undefined && isHostRoute(taken) && taken.type === 'unicast' && taken.device !== null;
}

/** The route that the main table has for it, as `ip route` would print it. */
export function routeWords(routes: readonly Route[], address: string): string {
  const [taken] = routesTo(routes, address);
  return taken ? routeText(taken) : 'no route at all';
}

/** A route as `ip route` prints it. */
export function routeText(route: Route): string {
  const parts = [
    route.type === 'unicast' ? '' : route.type,
    route.destination,
    route.gateway ? `via ${route.gateway}` : '',
    route.device ? `dev ${route.device}` : '',
    route.protocol ? `proto ${route.protocol}` : '',
    ...route.nextHops.map(
      ({ gateway, device }) => `nexthop${gateway ? ` via ${gateway}` : ''}${device ? ` dev ${device}` : ''}`,
    ),
  ];
  return parts.filter((part) => part !== '').join(' ');
}
