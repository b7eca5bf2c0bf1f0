import { defineCommand } from '../model/command.ts';

/** Each sets one key of one interface to the one value that it names. Slashes: a name of an interface may hold dots. */
const setting = { timeoutSeconds: 5, maxBytes: 10_000, writes: true } as const;

export const sysctlForwardingOn = defineCommand({
  id: 'sysctl-forwarding-on',
  argv: ['sysctl', '-w', 'net/ipv4/conf/{interface:interface}/forwarding=1'],
  ...setting,
});
export const sysctlForwardingOff = defineCommand({
  id: 'sysctl-forwarding-off',
  argv: ['sysctl', '-w', 'net/ipv4/conf/{interface:interface}/forwarding=0'],
  ...setting,
});
export const sysctlProxyArpOn = defineCommand({
  id: 'sysctl-proxy-arp-on',
  argv: ['sysctl', '-w', 'net/ipv4/conf/{interface:interface}/proxy_arp=1'],
  ...setting,
});
export const sysctlProxyArpOff = defineCommand({
  id: 'sysctl-proxy-arp-off',
  argv: ['sysctl', '-w', 'net/ipv4/conf/{interface:interface}/proxy_arp=0'],
  ...setting,
});
