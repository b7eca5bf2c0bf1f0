import type { Route } from '../../model/network.ts';
import { parseJson } from './json.ts';

interface IpRoute {
  readonly type?: Route['type'];
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly protocol?: string;
  readonly metric?: number;
  readonly flags?: readonly string[];
  readonly nexthops?: readonly { readonly gateway?: string; readonly dev?: string }[];
}

/** Parses `ip -j route show`. */
export function parseIpRoutes(text: string): readonly Route[] {
  if (text.trim() === '') return [];
  return (parseJson(text, 'ip -j route') as readonly IpRoute[]).map((route) => ({
    destination: route.dst === 'default' ? '0.0.0.0/0' : route.dst.includes('/') ? route.dst : `${route.dst}/32`,
    type: route.type ?? 'unicast',
    device: route.dev ?? null,
    gateway: route.gateway ?? null,
    protocol: route.protocol ?? null,
    metric: route.metric ?? 0,
    flags: route.flags ?? [],
    nextHops: (route.nexthops ?? []).map((hop) => ({ gateway: hop.gateway ?? null, device: hop.dev ?? null })),
  }));
}
