import ipaddr from 'ipaddr.js';
import type { Route } from '../../model/network.ts';

/** The route of the main table that the kernel takes for an address: the longest prefix, then the lowest metric. */
export function routeTo(routes: readonly Route[], address: string): Route | null {
  const matching = routes.filter((route) => contains(route.destination, address));
  matching.sort((a, b) => prefixOf(b) - prefixOf(a) || a.metric - b.metric);
  return matching[0] ?? null;
}

export function contains(cidr: string, address: string): boolean {
  try {
    return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(cidr));
  } catch {
    return false;
  }
}

function prefixOf(route: Route): number {
  return Number(route.destination.split('/')[1] ?? 32);
}

/** The interface by which a packet to the address leaves, null when no route takes it anywhere. */
export function deviceTo(routes: readonly Route[], address: string): string | null {
  const route = routeTo(routes, address);
  return route?.type === 'unicast' ? (route.device ?? route.nextHops[0]?.device ?? null) : null;
}
