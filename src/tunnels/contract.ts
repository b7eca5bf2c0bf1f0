import type { TunnelKind } from '../model/network.ts';
import type { Packet } from '../model/ruleset/packet.ts';

/**
 * How packets of one family travel between pods of two nodes, from one node to the other. Probes, walks and rules know
 * a tunnel only by this contract: they do not name its device, its protocol or the bytes of its header.
 */
export interface Tunnel {
  readonly kind: TunnelKind;
  /** As people call it. */
  readonly name: string;
  /** null: packets leave as they are. */
  readonly device: TunnelDevice | null;
  /** IP protocol of the outer packet; null: there is none. */
  readonly protocol: number | null;
  /** Destination port of the outer packet; null: its protocol has none. */
  readonly port: number | null;
  /** Bytes that the tunnel adds to a packet. The device's MTU must be smaller by as many. */
  readonly headerBytes: number;
  /**
   * The comment of Felix's rule that drops its packets from senders which the node's set of allowed hosts lacks, in
   * every version's words; null: there is no such rule.
   */
  readonly refusal: RegExp | null;
  /** The gateway of a route into the device is the address of the other node, to which outer packets go. */
  readonly routedByNode: boolean;
  /** Returns what is known of the packet that carries another from one node to the other. */
  outer(inner: Packet, nodes: NodePair): KnownPacket;
  /**
   * A tcpdump filter for packets of the asked flow between the nodes: the beginning of a connection, its refusal,
   * pings. Holds placeholders, as a command template spells them.
   */
  readonly captureFilter: string;
  /** The same of a UDP flow: its datagrams both ways, and pings. The asked port is the placeholder `port`. */
  readonly datagramFilter: string;
  /**
   * Reads one packet of `tcpdump -n` (of which continuation lines are joined to the first by a space).
   * @returns null if the tunnel did not carry the packet
   */
  read(record: string): CarriedPacket | null;
}

/** The interface of a node through which routes lead into the tunnel. */
interface TunnelDevice {
  readonly name: string;
  /** The program of Calico that writes these routes. */
  readonly routesFrom: string;
  /**
   * It carries whole frames: a node finds the others by entries for their devices' link-layer addresses (neighbours,
   * and the forwarding database), which the same program writes.
   */
  readonly carriesFrames: boolean;
}

/** What is known of a packet; the rest is as usual, or unknown. */
type KnownPacket = Pick<Packet, 'source' | 'destination' | 'protocol'> & Partial<Packet>;

/** Addresses of the nodes, sender first. */
export interface NodePair {
  readonly source: string;
  readonly destination: string;
}

export interface CarriedPacket {
  /** Addresses of the outer packet; null: there is none. */
  readonly outer: NodePair | null;
  /** The inner packet in tcpdump's words, from `IP ` or `IP6 ` on. */
  readonly inner: string;
}
