/** Where captures stand on the asked flow's way, and what each of them saw. */

/** Points of the way in the order in which a request meets them; a reply meets them the other way round. */
export const wayPoints = ['source-pod', 'source-card', 'target-card', 'target-tunnel', 'target-pod'] as const;
export type WayPoint = (typeof wayPoints)[number];

/** What one capture saw of the asked packets that were sent while it listened. */
export interface Sighting {
  readonly point: WayPoint;
  readonly node: string;
  readonly interface: string;
  /** Asked packets that were sent meanwhile. */
  readonly sent: number;
  /**
   * What marks each asked packet seen (TCP, UDP: the client's port; ICMP: id and sequence number). A reply has its
   * request's mark.
   */
  readonly requests: readonly string[];
  /** Source addresses of these requests. Not given: nobody asked. */
  readonly sources?: readonly string[];
  readonly replies: readonly string[];
  /** Answers to requests that no capture saw. */
  readonly strays: number;
  /** Other packets seen that were sent so that this very capture sees them. */
  readonly control: number;
  /** tcpdump's own count; null where it did not print one. */
  readonly droppedByKernel: number | null;
  /** Why the capture did not run to its end; null: it did. */
  readonly trouble: string | null;
  /** Addresses of the packet around a request; null: it travels as it is, or was not seen. */
  readonly outer: { readonly source: string; readonly destination: string } | null;
  /** The same of a reply. */
  readonly replyOuter: Sighting['outer'];
  /** Addresses that were asked for by ARP, or as neighbours of IPv6, on this interface, without an answer there. */
  readonly silent: readonly string[];
}

/** The asked flow's way, point by point. */
export interface Sightings {
  readonly points: readonly Sighting[];
}

/** Returns why "not seen" does not count for this capture; null: it counts. */
export function doubtOnAbsence({
  sent,
  trouble,
  droppedByKernel,
  control,
  requests,
  replies,
  silent,
}: Sighting): string | null {
  if (trouble !== null) return trouble;
  if (droppedByKernel === null) return 'the capture did not say whether the kernel dropped packets';
  if (droppedByKernel > 0) return `the kernel dropped ${droppedByKernel} packets of the capture`;
  if (sent === 0) return 'nothing was sent while the capture ran';
  return control + requests.length + replies.length + silent.length > 0
    ? null
    : 'the capture saw no control packet either';
}
