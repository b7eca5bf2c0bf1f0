import { defineCommand } from '../model/command.ts';

export const ipAddrShow = defineCommand({
  id: 'ip-addr-show',
  argv: ['ip', '-j', '-d', 'addr', 'show'],
  timeoutSeconds: 5,
  maxBytes: 8_000_000,
});
export const ipNetnsList = defineCommand({
  id: 'ip-netns-list',
  argv: ['ip', '-j', 'netns', 'list'],
  timeoutSeconds: 5,
  maxBytes: 1_000_000,
});
export const ipRouteShow = defineCommand({
  id: 'ip-route-show',
  argv: ['ip', '-j', 'route', 'show'],
  timeoutSeconds: 5,
  maxBytes: 8_000_000,
});
/** As a person reads it, for evidence. */
export const ipRouteShowText = defineCommand({
  id: 'ip-route-show-text',
  argv: ['ip', 'route', 'show'],
  timeoutSeconds: 5,
  maxBytes: 4_000_000,
});
/** Which packets look into which table. */
export const ipRuleShow = defineCommand({
  id: 'ip-rule-show',
  argv: ['ip', '-4', 'rule', 'show'],
  timeoutSeconds: 5,
  maxBytes: 1_000_000,
});
/** Routes of every table, `main` and `local` among them. */
export const ipRouteShowTables = defineCommand({
  id: 'ip-route-show-tables',
  argv: ['ip', '-4', '-j', 'route', 'show', 'table', 'all'],
  timeoutSeconds: 5,
  maxBytes: 8_000_000,
});
/** The same of IPv6, for flows of IPv6 alone. */
export const ip6RouteShow = defineCommand({
  id: 'ip-6-route-show',
  argv: ['ip', '-6', '-j', 'route', 'show'],
  timeoutSeconds: 5,
  maxBytes: 8_000_000,
});
export const ip6RouteShowText = defineCommand({
  id: 'ip-6-route-show-text',
  argv: ['ip', '-6', 'route', 'show'],
  timeoutSeconds: 5,
  maxBytes: 4_000_000,
});
export const ip6RuleShow = defineCommand({
  id: 'ip-6-rule-show',
  argv: ['ip', '-6', 'rule', 'show'],
  timeoutSeconds: 5,
  maxBytes: 1_000_000,
});
export const ip6RouteShowTables = defineCommand({
  id: 'ip-6-route-show-tables',
  argv: ['ip', '-6', '-j', 'route', 'show', 'table', 'all'],
  timeoutSeconds: 5,
  maxBytes: 8_000_000,
});

const oneRoute = { timeoutSeconds: 5, maxBytes: 20_000 } as const;
const entering = ['from', '{source:address}', 'iif', '{interface:interface}'] as const;
const marked = ['mark', '0x{mark:hex}'] as const;
/** iproute2 knows these since 4.18: only for nodes whose rules ask for them. */
const ported = [
  'ipproto',
  '{protocol:number}',
  'sport',
  '{sourcePort:number}',
  'dport',
  '{destinationPort:number}',
] as const;

/** The kernel's choice for a packet that enters by an interface. Sends nothing. */
export const ipRouteGetEntering = defineCommand({
  id: 'ip-route-get-entering',
  argv: ['ip', 'route', 'get', '{destination:address}', ...entering, ...marked],
  ...oneRoute,
});
export const ipRouteGetEnteringPorts = defineCommand({
  id: 'ip-route-get-entering-ports',
  argv: ['ip', 'route', 'get', '{destination:address}', ...entering, ...marked, ...ported],
  ...oneRoute,
});
/** The kernel's choice for a packet of the node itself. */
export const ipRouteGetOwn = defineCommand({
  id: 'ip-route-get-own',
  argv: ['ip', 'route', 'get', '{destination:address}', ...marked],
  ...oneRoute,
});
export const ipRouteGetOwnPorts = defineCommand({
  id: 'ip-route-get-own-ports',
  argv: ['ip', 'route', 'get', '{destination:address}', ...marked, ...ported],
  ...oneRoute,
});
/**
 * The kernel's choice for what a pod sends to its gateway: it answers ARP for it only where the way leads elsewhere.
 */
export const ipRouteGetPodGateway = defineCommand({
  id: 'ip-route-get-pod-gateway',
  argv: ['ip', 'route', 'get', '169.254.1.1', ...entering],
  ...oneRoute,
});
/** The link-layer address at which a pod's node sends to it. */
export const ipNeighbour = defineCommand({
  id: 'ip-neighbour',
  argv: ['ip', '-4', 'neigh', 'show', 'to', '{address:address}'],
  ...oneRoute,
});
/** The same of IPv6. */
export const ip6Neighbour = defineCommand({
  id: 'ip-6-neighbour',
  argv: ['ip', '-6', 'neigh', 'show', 'to', '{address:address}'],
  ...oneRoute,
});
/** The same with the ages of what is known: `used USED/CONFIRMED/UPDATED` in seconds. */
export const ipNeighbourAges = defineCommand({
  id: 'ip-neighbour-ages',
  argv: ['ip', '-4', '-s', 'neigh', 'show', 'to', '{address:address}'],
  ...oneRoute,
});
export const ip6NeighbourAges = defineCommand({
  id: 'ip-6-neighbour-ages',
  argv: ['ip', '-6', '-s', 'neigh', 'show', 'to', '{address:address}'],
  ...oneRoute,
});
