import type { Fact } from '../../model/evidence.ts';
import { isDenied } from '../../model/denied-walk.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { KernelWay, WayOf } from '../../model/kernel-way.ts';
import type { NeighbourEntry } from '../../model/network.ts';
import type { CapturePlace, PathCapture } from '../../model/path-capture.ts';
import { isTunnelDevice } from '../../tunnels/registry.ts';

interface Read {
  readonly ways: readonly KernelWay[];
  readonly neighbours: readonly NeighbourEntry[];
  readonly walks: readonly PacketWalk[];
  readonly capture: Fact<PathCapture>;
}

/** What one node of the flow sends to the other. */
export interface Sender {
  readonly direction: 'request' | 'reply';
  readonly node: string | null;
  readonly peerAddress: string | null;
}

/** A next hop, and the address to which the packets go by it: that of the other node where a tunnel carries them. */
export interface SilentHop {
  readonly entry: NeighbourEntry;
  readonly destination: string;
}

/**
 * Returns the neighbour entry of the next hop that the kernel of a node takes for the flow, where nobody answers for it
 * and no packet of the flow left the node; null: there is no such hop. The other node itself as the next hop is none:
 * whether it answers is told by itself.
 */
export function silentNextHop({ direction, node, peerAddress }: Sender, read: Read): SilentHop | null {
  const { ways, neighbours, walks, capture } = read;
  const isRequest = direction === 'request';
  if (capture.status === 'unavailable' || !stoppedOnNode(capture.value.places, isRequest)) return null;
  // Rules that drop the packet before would leave an old entry of another time.
  const ended = walks.some(
    (walk) =>
      walk.node === node && walk.leg === (isRequest ? 'source-egress' : 'reply-target-egress') && isDenied(walk),
  );
  const routed = (of: WayOf) => {
    const way = ways.find((one) => one.node === node && one.of === of);
    return way?.answer.kind === 'route' ? { ...way.answer, destination: way.destination } : null;
  };
  const own = routed(isRequest ? 'source-egress' : 'reply-target-egress');
  const outer = own && isTunnelDevice(own.device) ? routed(isRequest ? 'source-outer' : 'reply-target-outer') : null;
  if (ended) return null;
  for (const way of [own, outer]) {
    const entry = neighbours.find(
      (one) =>
        one.node === node &&
        one.address !== peerAddress &&
        one.address === way?.gateway &&
        one.device === way.device &&
        isSilent(one),
    );
    if (way && entry) return { entry, destination: way.destination };
  }
  return null;
}

/** The packet came out of its pod, or to the pod's node, and was seen at the card of no node behind that. */
function stoppedOnNode(places: readonly CapturePlace[], isRequest: boolean): boolean {
  const seen = (hop: CapturePlace['hop'], of: 'requests' | 'replies') =>
    places.some((place) => place.hop === hop && place[of].length > 0);
  const captured = (hop: CapturePlace['hop']) => places.some((place) => place.hop === hop);
  return isRequest
    ? captured('source-card') && !seen('source-card', 'requests') && !seen('target-card', 'requests')
    : captured('target-card') && seen('target-card', 'requests') && !seen('target-card', 'replies');
}

function isSilent({ linkAddress, state }: NeighbourEntry): boolean {
  return linkAddress === null && (state === 'FAILED' || state === 'INCOMPLETE');
}
