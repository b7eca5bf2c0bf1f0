/** The packet that is walked, and what is known of the node that it meets. Plain and safe to print as JSON. */

export type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** null means: not known. Matches on it are then undecided. */
export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** The side whose port is not known, but that the sender's kernel chose it. */
  readonly clientSide?: 'source' | 'destination';
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly tcpFlags: readonly string[] | null;
  readonly inInterface: string | null;
  readonly outInterface: string | null;
  readonly ctState: CtState;
  readonly mark: number;
  readonly connmark: number | null;
  /** IP length in bytes. */
  readonly length: number | null;
  readonly ttl: number | null;
}

/** What a save cannot say and the caller may know of the node. */
export interface NodeKnowledge {
  /** The node's own addresses, each with the interface that carries it (null: any). null: not read. */
  readonly localAddresses: readonly { readonly address: string; readonly interface: string | null }[] | null;
  /** Would the reverse path check let this packet in? null: not looked. */
  readonly reversePath: 'valid' | 'invalid' | null;
  /** What the rules would do if none of them took a packet out of connection tracking. */
  readonly tracksAll?: boolean;
}
