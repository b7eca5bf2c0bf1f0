import { z } from 'zod';
import { hostNet, type AddressFamily } from '../../model/addresses.ts';
import type { Route } from '../../model/network.ts';
import { parseJsonList } from './json.ts';

const ipRoute = z.object({
  type: z
    .enum(['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'local', 'broadcast', 'multicast', 'anycast'])
    .default('unicast'),
  dst: z.string(),
  table: z.string().default('main'),
  gateway: z.string().optional(),
  dev: z.string().optional(),
  protocol: z.string().optional(),
  metric: z.number().default(0),
  flags: z.array(z.string()).default([]),
  nexthops: z.array(z.object({ gateway: z.string().optional(), dev: z.string().optional() })).default([]),
});

/**
 * Parses `ip -j route show`. Nothing printed is an empty table.
 * @param family whose default route `default` is
 * @throws LookError not-parsed
 */
export function parseIpRoutes(text: string, family: AddressFamily = 4): readonly Route[] {
  if (text.trim() === '') return [];
  return parseJsonList(text, 'ip -j route', ipRoute).map((route) => routeOf(route, family));
}

/**
 * Parses `ip -4 -j route show table all` (or `-6`): the routes of each table, in the order of the output.
 * @throws LookError not-parsed
 */
export function parseRouteTables(text: string, family: AddressFamily = 4): Readonly<Record<string, readonly Route[]>> {
  if (text.trim() === '') return {};
  const printed = parseJsonList(text, 'ip -j route', ipRoute);
  const names = [...new Set(printed.map(({ table }) => table))];
  return Object.fromEntries(
    names.map((name) => {
      const own = printed.filter(({ table }) => table === name);
      return [name, own.map((route) => routeOf(route, family))] as const;
    }),
  );
}

function routeOf(route: z.infer<typeof ipRoute>, family: AddressFamily): Route {
  const everywhere = family === 6 ? '::/0' : '0.0.0.0/0';
  return {
    destination: route.dst === 'default' ? everywhere : route.dst.includes('/') ? route.dst : hostNet(route.dst),
    // To an anycast address of the node, which is its own.
    type: route.type === 'anycast' ? 'local' : route.type,
    device: route.dev ?? null,
    gateway: route.gateway ?? null,
    protocol: route.protocol ?? null,
    metric: route.metric,
    flags: route.flags,
    nextHops: route.nexthops.map((hop) => ({ gateway: hop.gateway ?? null, device: hop.dev ?? null })),
  };
}
