import type { NodeKnowledge, Packet } from '../../model/ruleset/packet.ts';
import type { RuleSet } from '../../model/ruleset/rules.ts';
import { hookOrders } from './hook-order.ts';
import type { Ends, Stage } from './walk-state.ts';
import { Walk } from './walk.ts';

/**
 * Walks the packet through the stages, one hook after the other, as long as it is accepted. If a match cannot be
 * decided, both ways are walked. Ways that meet again in the same state go on as one.
 */
export function walkStages(
  ruleSets: readonly RuleSet[],
  packet: Packet,
  stages: readonly Stage[],
  node: NodeKnowledge,
): Ends {
  const perStage = stages.map(({ hook, inInterface = packet.inInterface, outInterface = packet.outInterface }) =>
    hookOrders(ruleSets, hook, packet.source, hook === 'PREROUTING' ? inInterface : outInterface),
  );
  const variants = Math.max(1, ...perStage.map((orders) => orders.length));
  const walks = Array.from({ length: variants }, (_, at) =>
    new Walk(
      ruleSets,
      stages,
      perStage.map((orders) => orders[at] ?? orders[0] ?? []),
      node,
    ).run(packet),
  );
  return {
    ends: walks.flatMap(({ ends }) => ends),
    uncertainties: walks.flatMap(({ uncertainties }) => uncertainties),
  };
}
