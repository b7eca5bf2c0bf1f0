import { z } from 'zod';
import type { Route } from '../../model/network.ts';
import { parseJsonList } from './json.ts';

const ipRoute = z.object({
  type: z
    .enum(['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'local', 'broadcast', 'multicast'])
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
 * @throws LookError not-parsed
 */
export function parseIpRoutes(text: string): readonly Route[] {
  if (text.trim() === '') return [];
  return parseJsonList(text, 'ip -j route', ipRoute).map(routeOf);
}

/**
 * Parses `ip -4 -j route show table all`: the routes of each table, in the order of the output.
 * @throws LookError not-parsed
 */
export function parseRouteTables(text: string): Readonly<Record<string, readonly Route[]>> {
  if (text.trim() === '') return {};
  const printed = parseJsonList(text, 'ip -j route', ipRoute);
  const names = [...new Set(printed.map(({ table }) => table))];
  return Object.fromEntries(
    names.map((name) => [name, printed.filter(({ table }) => table === name).map(routeOf)] as const),
  );
}

function routeOf(route: z.infer<typeof ipRoute>): Route {
  return {
    destination: route.dst === 'default' ? '0.0.0.0/0' : route.dst.includes('/') ? route.dst : `${route.dst}/32`,
    type: route.type,
    device: route.dev ?? null,
    gateway: route.gateway ?? null,
    protocol: route.protocol ?? null,
    metric: route.metric,
    flags: route.flags,
    nextHops: route.nexthops.map((hop) => ({ gateway: hop.gateway ?? null, device: hop.dev ?? null })),
  };
}
