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

/** The way of a pod's packet to the gateway of Calico's pods: the node answers ARP for it only where that leads elsewhere. */
export const ipRouteGetGateway = defineCommand({
  id: 'ip-route-get-gateway',
  argv: ['ip', 'route', 'get', '169.254.1.1', 'from', '{address:address}', 'iif', '{interface:interface}'],
  timeoutSeconds: 3,
  maxBytes: 10_000,
});
