/** What was seen of the packets that were sent, on their way. */
import type { TunnelKind } from './network.ts';

/** What captures on both ends saw of the probes, packet by packet. */
export interface PathCapture {
  /** `local`: within one node. */
  readonly encapsulation: TunnelKind | 'local';
  readonly places: readonly CapturePlace[];
}

export interface CapturePlace {
  readonly node: string;
  readonly interface: string;
  /** Where on the flow's way it stands. */
  readonly hop: 'source-card' | 'target-card' | 'source-pod' | 'target-pod';
  /** Keys of the asked packets seen on their way to the pod (TCP: port and sequence number; ICMP: id and length). */
  readonly requests: readonly string[];
  /** The same for large packets (ICMP of more than 1,000 bytes). */
  readonly largeRequests: readonly string[];
  readonly replies: readonly string[];
  /** Keys of those of all these that were in no tunnel; not given: none. */
  readonly plain?: readonly string[];
  /** Keys of plain packets from the source's node to the target's: the control for what goes that way. */
  readonly control: readonly string[];
  readonly largeControl: readonly string[];
  /** Keys of the answers to these, of any size: the control for what goes back. */
  readonly controlReplies: readonly string[];
  /** tcpdump's own count; null where it did not print one. */
  readonly droppedByKernel: number | null;
  /** Addresses of the outer packets seen, source and destination. */
  readonly outer: readonly { readonly source: string; readonly destination: string }[];
}
