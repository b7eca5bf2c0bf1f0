/** What was tried of the sizes that get through: pings that may not be fragmented, and what became of them. */
export interface PathSizes {
  /** Bytes of the largest packet that both ends of the flow can send and take, IP header included. */
  readonly needed: number;
  readonly ways: readonly SizedWay[];
  /** Why a way could not be tried; empty: all were. */
  readonly untried: readonly string[];
  /**
   * Where full-sized packets between the nodes were seen; null: they stay on one node, arrive, or were not captured.
   */
  readonly seen: { readonly there: SeenSizes; readonly back: SeenSizes } | null;
}

/**
 * `flow`: from the flow's source to its destination. `back`: from the destination to the source, only where less than a
 * full-sized packet gets in. `request`, `reply`: between the two nodes by the device that carries the flow's packets,
 * in that direction. `own-node`: from a node to its own pod, which no policy sees.
 */
export type SizedWayKind = 'flow' | 'back' | 'request' | 'reply' | 'own-node';

/**
 * One way, by ping: its answers have the size of its requests, but may be fragmented. Sizes are of whole IP packets.
 */
export interface SizedWay {
  readonly kind: SizedWayKind;
  readonly from: string;
  readonly to: string;
  readonly fromNode: string;
  readonly toNode: string;
  /** Host-side interface of the pod where `own-node` ends; null elsewhere. */
  readonly interface: string | null;
  /** Bytes that a tunnel adds on the network between the nodes. */
  readonly headerBytes: number;
  /** The largest size that was tried. */
  readonly full: number;
  /** The largest that was answered, whatever was tried; null: none was, the small ones included. */
  readonly passed: number | null;
  /** The smallest of which no answer came; null: every one was answered. */
  readonly lost: number | null;
  /** A hop, or the sender's own kernel, said that no more than this gets through; null: nobody did. */
  readonly told: number | null;
  /** Answered pings of up to `passed` bytes, and lost ones of `lost` bytes or more. */
  readonly samples: { readonly passed: number; readonly lost: number };
  /** Sizes do not decide: a larger one was answered, and a smaller one was not. */
  readonly unsteady: boolean;
}

/** Pings of one direction on the network interfaces of both nodes: how many left one, how many arrived at the other. */
export interface SeenSizes {
  readonly left: number;
  readonly arrived: number;
  /** Small ones, which the same captures saw at both. */
  readonly smallArrived: number;
}

/** Of packets that are lost by their size: what was answered and what was not, each often enough to be no chance. */
const enough = 3;

/** Whether small packets of a way are answered, and all above a size vanish without a word. */
export function isLimited({ passed, lost, told, samples, unsteady }: SizedWay): boolean {
  if (passed === null || lost === null || unsteady) return false;
  if (told !== null && lost > told) return false;
  return samples.passed >= enough && samples.lost >= enough;
}

/**
 * Whether a full-sized packet of the way was answered, or one of the size that somebody on the way said is the most.
 */
export function isFull({ passed, full }: SizedWay): boolean {
  return passed !== null && passed >= full;
}

/** Whether somebody on a way takes less than a full-sized packet: an answer to a smaller one shows no way back. */
export function isToldLess({ kind, told, passed }: SizedWay, needed: number): boolean {
  return (kind === 'flow' || kind === 'own-node') && told !== null && passed !== null && passed < needed;
}

/** What is not shown to get through in full size: the way to the pod, the way back; empty: both are shown. */
export function notShown({ ways, needed }: PathSizes, crossNode: boolean): readonly ('request' | 'reply')[] {
  const full = (kind: SizedWayKind) => {
    const tried = ways.filter((way) => way.kind === kind);
    return tried.length > 0 && tried.every(isFull);
  };
  const request = full('flow') || (full('own-node') && (!crossNode || full('request')));
  const sent = !ways.some((way) => isToldLess(way, needed)) || full('back');
  const reply = sent && (crossNode ? full('reply') : request);
  return [...(request ? [] : ['request' as const]), ...(reply ? [] : ['reply' as const])];
}
