import type { Flow } from '../model/flow.ts';
import type { WayQuestion } from '../model/kernel-way.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import type { Link } from '../model/network.ts';
import { forwarded, walkFlow } from '../ruleset/walk/walk-hook.ts';
import { askPacket, replyPacket } from './packets.ts';
import { localAddresses } from './local-addresses.ts';

/** The mark that a packet has where the kernel chooses its route; `doubt`: why that is not certain. */
export interface RoutedMark {
  readonly mark: number;
  readonly doubt: string | null;
}

/**
 * Walks the packet to where the kernel chooses its route: through PREROUTING, or through OUTPUT (after which the kernel
 * chooses again where the mark is another).
 */
export function routedMark(
  { of, destination, source, inInterface }: WayQuestion,
  flow: Flow,
  { ruleSets }: NodeRuleSets,
  links: readonly Link[],
): RoutedMark {
  // Neither the tunnel's own packets nor what a pod sends to its gateway is what the rules are asked about.
  if (of === 'source-outer' || of === 'reply-target-outer' || of === 'source-gateway' || of === 'target-gateway')
    return { mark: 0, doubt: null };
  const asked = askPacket(flow.source, flow.destination, flow.port);
  const packet = { ...(of.startsWith('reply-') ? replyPacket(asked) : asked), destination };
  const stages =
    inInterface === null
      ? [{ hook: 'OUTPUT' as const, inInterface: null, outInterface: null }]
      : forwarded(inInterface, inInterface).slice(0, 1);
  const { ends, uncertainties } = walkFlow(ruleSets, source === null ? packet : { ...packet, source }, stages, {
    node: { localAddresses: localAddresses(links) },
  });
  const marks = new Set(ends.filter(({ decision }) => decision === 'accept').map((end) => end.packet.mark));
  const [mark = 0] = marks;
  const [uncertain] = uncertainties;
  return {
    mark,
    doubt:
      marks.size > 1
        ? `which mark the packet has is not certain${uncertain ? `: ${uncertain.why} (${uncertain.rule})` : ''}`
        : null,
  };
}
