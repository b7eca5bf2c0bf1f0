import type { FactKey } from '../../model/facts.ts';
import { LookError } from '../../model/look-error.ts';
import type { ObservedFacts } from '../../model/probe.ts';
import { waysOn } from '../../flow-walks/chosen-way.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';

/**
 * Returns what was read of a node of the flow. Where its packet filters could not be read there are none: what is sent
 * does not need them.
 * @param node its name
 * @throws LookError `needed-fact-missing`, with why its routes or interfaces could not be read
 */
export async function walkedNodeAt(
  facts: ObservedFacts<FactKey>,
  place: 'target' | 'source',
  node: string,
): Promise<WalkedNode> {
  const [rulesets, routes, links, ways] = await Promise.all([
    facts.ask(`rulesets@${place}`),
    facts.ask(`routes@${place}`),
    facts.ask(`links@${place}`),
    facts.ask('kernel-ways'),
  ]);
  if (routes.status === 'unavailable') throw new LookError('needed-fact-missing', routes.reason);
  if (links.status === 'unavailable') throw new LookError('needed-fact-missing', links.reason);
  const read = rulesets.status === 'observed' ? rulesets.value : { node, ruleSets: [], at: new Date(0).toISOString() };
  return {
    rulesets: read,
    routes: routes.value,
    links: links.value,
    ways: waysOn(read, ways.status === 'observed' ? ways.value : []),
  };
}
