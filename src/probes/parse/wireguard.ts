import type { WireguardPeer } from '../../model/wireguard.ts';

/**
 * Parses what `wg show INTERFACE latest-handshakes`, `allowed-ips` and `endpoints` print: a line a peer, its key, a tab
 * and the value; `(none)` and time 0 stand for nothing.
 * @param now Unix time in seconds at which they were printed
 */
export function parseWireguardPeers(
  handshakes: string,
  allowed: string,
  endpoints: string,
  now: number,
): readonly WireguardPeer[] {
  const networks = valuesOf(allowed);
  const places = valuesOf(endpoints);
  return [...valuesOf(handshakes)].map(([key, time]) => {
    const at = Number.parseInt(time, 10);
    return {
      key,
      endpoint: places.get(key) || null,
      allowed: networks.get(key)?.split(' ').filter(Boolean) ?? [],
      handshakeSeconds: at > 0 ? Math.max(0, Math.round(now - at)) : null,
    };
  });
}

function valuesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [key, value] = line.split('\t');
      return key && value !== undefined ? [[key, value === '(none)' ? '' : value] as const] : [];
    }),
  );
}
