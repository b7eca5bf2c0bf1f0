import { z } from 'zod';
import type { Route } from '../../model/network.ts';
import { parseJsonList } from './json.ts';

const ipRoute = z.object({
  type: z
    .enum(['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'local', 'broadcast', 'multicast'])
    .default('unicast'),
  dst: z.string(),
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
  return parseJsonList(text, 'ip -j route', ipRoute).map((route) => ({
    destination: route.dst === 'default' ? '0.0.0.0/0' : route.dst.includes('/') ? route.dst : `${route.dst}/32`,
    type: route.type,
    device: route.dev ?? null,
    gateway: route.gateway ?? null,
    protocol: route.protocol ?? null,
    metric: route.metric,
    flags: route.flags,
    nextHops: route.nexthops.map((hop) => ({ gateway: hop.gateway ?? null, device: hop.dev ?? null })),
  }));
}
