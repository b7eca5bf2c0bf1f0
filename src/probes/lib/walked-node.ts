import type { FactKey } from '../../model/facts.ts';
import { LookError } from '../../model/look-error.ts';
import type { ObservedFacts } from '../../model/probe.ts';
import { waysOn } from '../../ruleset/flow-walks/chosen-way.ts';
import type { WalkedNode } from '../../ruleset/flow-walks/walked-node.ts';

/** What was read of a node of the flow for walking packets on it. @throws LookError `needed-fact-missing`, with why it could not be read */
export async function walkedNodeAt(facts: ObservedFacts<FactKey>, place: 'target' | 'source'): Promise<WalkedNode> {
  const [rulesets, routes, links, ways] = await Promise.all([
    facts.ask(`rulesets@${place}`),
    facts.ask(`routes@${place}`),
    facts.ask(`links@${place}`),
    facts.ask('kernel-ways'),
  ]);
  if (rulesets.status === 'unavailable') throw new LookError('needed-fact-missing', rulesets.reason);
  if (routes.status === 'unavailable') throw new LookError('needed-fact-missing', routes.reason);
  if (links.status === 'unavailable') throw new LookError('needed-fact-missing', links.reason);
  return {
    rulesets: rulesets.value,
    routes: routes.value,
    links: links.value,
    ways: waysOn(rulesets.value, ways.status === 'observed' ? ways.value : []),
  };
}
