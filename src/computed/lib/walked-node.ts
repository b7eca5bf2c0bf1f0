import type { Fact } from '../../model/evidence.ts';
import type { Link, Route } from '../../model/network.ts';
import type { WalkedNode } from '../../ruleset/flow-walks/walked-node.ts';

/** What was read of a node, for walks on it, by the main table alone; null: a part of it was not read. */
export function walkedNode([rulesets, routes, links]: readonly [
  Fact<WalkedNode['rulesets']>,
  Fact<readonly Route[]>,
  Fact<readonly Link[]>,
]): WalkedNode | null {
  if (rulesets.status === 'unavailable' || routes.status === 'unavailable' || links.status === 'unavailable')
    return null;
  return { rulesets: rulesets.value, routes: routes.value, links: links.value };
}
