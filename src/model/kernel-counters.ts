/** What the kernel of a node has counted since it started; null: it does not say. */
export interface KernelCounters {
  readonly conntrack: ConntrackCounters | null;
  /** Packets for the node itself whose checksum was wrong: tunnel packets among them (UDP). */
  readonly wrongChecksums: { readonly tcp: number; readonly udp: number } | null;
}

export interface ConntrackCounters {
  /** Connections that are tracked now, and how many may be. */
  readonly count: number;
  readonly max: number;
  /** Packets dropped because no entry could be made for them. */
  readonly dropped: number;
  /** Seconds after which an idle TCP connection is forgotten; not given: not read. */
  readonly establishedSeconds?: number | undefined;
}

/** One node's counters before the test packets and after them. */
export interface CounterReadings {
  readonly node: string;
  readonly before: KernelCounters;
  readonly after: KernelCounters;
}

/** The kernel makes room by dropping old entries, so the count of a full table stays a little below its bound. */
export const fullPercent = 98;

export function isFull({ count, max }: ConntrackCounters): boolean {
  return count * 100 >= max * fullPercent;
}

/** Of kernel memory that one tracked connection takes, rounded up. Source: struct nf_conn with its extensions. */
export const connectionBytes = 320;
/** Of the memory that a node has left, what a doubled table may take more. */
export const mostPercentOfMemory = 2;
/** A smaller bound than the kernel's usual one was set by somebody on purpose. */
export const leastLimit = 65_536;
