import type { Flow } from '../../model/flow.ts';
import { isRefused } from '../../model/ruleset/walk.ts';
import { walkLegs } from '../../flow-walks/legs.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';

/**
 * Returns whether a rule would drop pings of the flow, or their answers; or those of full size, where packets of the
 * flow pass. Then their loss says nothing of sizes. Each ping is new to connection tracking, a full segment of TCP is
 * not.
 * @param full bytes of a full-sized packet
 */
export function pingsAreDropped(flow: Flow, target: WalkedNode, source: WalkedNode | null, full: number): boolean {
  const isDropped = (of: Flow, length?: number) =>
    walkLegs(of, target, source, length === undefined ? {} : { length }).some(({ result }) =>
      isRefused(result.decision),
    );
  const ping: Flow = { ...flow, port: { protocol: 'icmp' } };
  return isDropped(ping) || (isDropped(ping, full) && !isDropped(flow, full));
}
