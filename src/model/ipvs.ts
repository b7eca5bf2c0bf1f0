/** kube-proxy's own interface in IPVS mode, with the addresses of Services (pkg/proxy/ipvs, DefaultDummyDevice). */
export const ipvsDevice = 'kube-ipvs0';

/** One address and port that the kernel's IPVS balances, with the servers behind it. */
export interface VirtualServer {
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  readonly servers: readonly RealServer[];
}

export interface RealServer {
  readonly address: string;
  readonly port: number;
  /** 0: it gets no new connections. kube-proxy sets it for endpoints that go. */
  readonly weight: number;
}
