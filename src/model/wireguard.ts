/** Calico's WireGuard on a node. */
export interface Wireguard {
  readonly node: string;
  readonly state: 'up' | 'down' | 'addressless';
  readonly peers: readonly WireguardPeer[];
}

export interface WireguardPeer {
  readonly key: string;
  /** Where it is reached; null: not known yet. */
  readonly endpoint: string | null;
  /** Networks that are sent to it, encrypted. */
  readonly allowed: readonly string[];
  /** Since both agreed on keys for the last time; null: never. */
  readonly handshakeSeconds: number | null;
}

/** Source: felix/dataplane/linux/dataplanedefs. */
export const wireguardDevice = 'wireguard.cali';
