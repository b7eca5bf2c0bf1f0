import { answeringRules } from '../../model/answering-rules.ts';
import type { PacketWalk, PodWalk } from '../../model/flow-walk.ts';
import { isForKubernetes, isRedirected } from '../../model/redirected-walk.ts';

/**
 * Another than the asked end may answer the test packets: a rule leads them elsewhere, inside the sending pod or on a
 * node, or a rule answers handshakes itself.
 */
export function hasOtherAnswerer(walks: readonly PacketWalk[], podWalks: readonly PodWalk[]): boolean {
  return (
    podWalks.some(isLedElsewhere) ||
    walks.some((walk) => isRedirected(walk) && !isForKubernetes(walk)) ||
    [...walks, ...podWalks].some(({ result }) => answeringRules(result).length > 0)
  );
}

function isLedElsewhere({ end, packet, asked, result }: PodWalk): boolean {
  return (
    end === 'source' &&
    packet === 'request' &&
    result.ends.every(
      (one) => one.packet.destination !== asked.destination || one.packet.destinationPort !== asked.destinationPort,
    )
  );
}
