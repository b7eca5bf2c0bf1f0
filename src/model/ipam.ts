/** How full the IP pools are, and what keeps a node from taking free addresses. */
export interface IpamUsage {
  readonly pools: readonly PoolUsage[];
  /** A node may take addresses of its own blocks alone; null: not read. */
  readonly strictAffinity: 'on' | 'off' | null;
  /** 0: no bound; null: not read. */
  readonly maxBlocksPerHost: number | null;
}

export interface PoolUsage {
  readonly cidr: string;
  readonly total: number;
  readonly free: number;
}
