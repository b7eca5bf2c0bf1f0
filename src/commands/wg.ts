import { defineCommand } from '../model/command.ts';

/** `dump` would print the private key. */
const show = (what: string) => ({
  argv: ['wg', 'show', 'wireguard.cali', what],
  timeoutSeconds: 3,
  maxBytes: 2_000_000,
});

export const wgHandshakes = defineCommand({ id: 'wg-handshakes', ...show('latest-handshakes') });
export const wgAllowedIps = defineCommand({ id: 'wg-allowed-ips', ...show('allowed-ips') });
export const wgEndpoints = defineCommand({ id: 'wg-endpoints', ...show('endpoints') });
