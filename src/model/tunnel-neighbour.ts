/** How a node finds another one through a tunnel that carries whole frames. */
export interface TunnelNeighbour {
  readonly node: string;
  /** The node that it must find; null: it has no name. */
  readonly peer: string | null;
  /** The tunnel's device. */
  readonly device: string;
  /** The next hop of the route into it: the address of the other node's device. */
  readonly gateway: string;
  /** The neighbour entry of the gateway on this device, as `ip neigh` prints it; null: there is none. */
  readonly entry: { readonly linkAddress: string | null; readonly state: string } | null;
  /**
   * Where the device sends frames for that link-layer address: addresses of nodes, by its forwarding database. Empty
   * where the entry has no such address.
   */
  readonly destinations: readonly string[];
}
