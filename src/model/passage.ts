/** The asked flow's way as the captures saw it: there and back, point by point. */
import type { WayPoint } from './sightings.ts';

/** Whose hands the packet is in between two points. */
export const areas = ['source-pod', 'source-node', 'underlay', 'target-node', 'target-pod'] as const;
export type Area = (typeof areas)[number];

export type Direction = 'request' | 'reply';

/** `sender`: the source itself; `pod`: the target itself. */
export type PassagePoint = 'sender' | WayPoint | 'pod';

/** One point in one direction. */
export interface PassageMark {
  readonly direction: Direction;
  readonly point: PassagePoint;
  readonly node: string | null;
  readonly interface: string | null;
  /**
   * `passed`: not seen here, but further on. `not-seen`: the capture saw a control packet and lost none, so the asked
   * packet was not there. `not-looked`: nothing can be said.
   */
  readonly state: 'seen' | 'passed' | 'not-seen' | 'not-looked';
  /** Why nothing can be said; null where something can. */
  readonly why: string | null;
  /** Addresses of the packet that carried it here; null: none did, or nothing was seen. */
  readonly outer: { readonly source: string; readonly destination: string } | null;
  /** Addresses that were asked for by ARP, or as neighbours of IPv6, here without an answer. */
  readonly silent: readonly string[];
}

/** Where the flow stops: it was seen at one mark, and is missing at a later one. */
export interface PassageStop {
  /** Indexes of `marks`. */
  readonly lastSeen: number;
  readonly missing: number;
  /** null: nothing between the two marks tells whether the request or its reply was lost. */
  readonly direction: Direction | null;
  /** What lies between the two marks, in the order of the way. */
  readonly areas: readonly Area[];
}

export interface Passage {
  /** From the sender to the pod, and back to the sender. */
  readonly marks: readonly PassageMark[];
  /** What lies between a mark and the next one. */
  readonly between: readonly Area[];
  /** null: the flow works, or nothing shows where it stops. */
  readonly stop: PassageStop | null;
}
