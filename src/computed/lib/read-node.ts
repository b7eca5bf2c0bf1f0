import type { ComputedInputs } from '../../model/computed.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { FactKey, Place } from '../../model/facts.ts';
import { waysOn } from '../../flow-walks/chosen-way.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';

/** The facts that `readNode` uses: routes, rule sets and interfaces of both nodes of the flow. */
export const nodeFacts = [
  'kernel-ways',
  'rulesets@target',
  'routes@target',
  'links@target',
  'rulesets@source',
  'routes@source',
  'links@source',
] as const satisfies readonly FactKey[];

/**
 * Returns a node of the flow, ready for walks; unavailable with the first reason if something needed is missing. If the
 * kernel did not answer where packets go, the walks use the routes alone. The evidence is that of the rule sets.
 */
export async function readNode(
  facts: Pick<ComputedInputs<FactKey, (typeof nodeFacts)[number]>, 'ask'>,
  place: Place,
): Promise<Fact<WalkedNode>> {
  const [rulesets, routes, links, ways] = await Promise.all([
    facts.ask(`rulesets@${place}`),
    facts.ask(`routes@${place}`),
    facts.ask(`links@${place}`),
    facts.ask('kernel-ways'),
  ]);
  const lacking = (reason: string) => unavailable('needed-fact-missing', reason, rulesets.evidence);
  if (rulesets.status === 'unavailable') return lacking(rulesets.reason);
  if (routes.status === 'unavailable') return lacking(routes.reason);
  if (links.status === 'unavailable') return lacking(links.reason);
  const node: WalkedNode = {
    rulesets: rulesets.value,
    routes: routes.value,
    links: links.value,
    ways: waysOn(rulesets.value, ways.status === 'observed' ? ways.value : []),
  };
  return observed(node, rulesets.evidence);
}
