import type { Fact } from '../../model/evidence.ts';
import type { NodeRuleSets } from '../../model/flow-walk.ts';
import type { Match } from '../../model/ruleset/matches.ts';
import type { PlacedRule } from '../../model/ruleset/places.ts';
import type { FilterRule } from '../../model/ruleset/rules.ts';

/** A rule of a node, outside Calico, that drops the ICMP message by which a hop says that a packet is too large. */
export interface TooBigDrop {
  readonly node: string;
  readonly rule: PlacedRule;
}

/** Type and code of the message: "fragmentation needed", and "packet too big" of IPv6. */
const messages = { 4: { type: 3, code: 4 }, 6: { type: 2, code: 0 } } as const;

/** Returns the first such rule of the nodes; null: none is known. Other matches of the rule may spare the message. */
export function tooBigDrop(nodes: readonly Fact<NodeRuleSets>[]): TooBigDrop | null {
  for (const read of nodes) {
    if (read.status === 'unavailable') continue;
    const { node, ruleSets, family = 4 } = read.value;
    for (const { backend, tables } of ruleSets)
      for (const table of tables)
        for (const { name, rules } of table.chains) {
          const rule = rules.find((one) => one.tag === null && drops(one, messages[family]));
          if (rule) {
            const { index, text } = rule;
            return { node, rule: { backend, family: table.family, table: table.name, chain: name, index, text } };
          }
        }
  }
  return null;
}

/** Only a rule that names the message: one that drops all of ICMP ends the pings that measure sizes, too. */
function drops({ actions, matches }: FilterRule, { type, code }: (typeof messages)[4 | 6]): boolean {
  const named = matches.filter((match): match is Match & { kind: 'icmp' } => match.kind === 'icmp');
  return (
    named.length > 0 &&
    actions.some(({ kind }) => kind === 'drop' || kind === 'reject') &&
    named.every(({ types, codes, negated }) => !negated && holds(types, type) && holds(codes, code)) &&
    named.some(({ types }) => types.from === types.to)
  );
}

function holds({ from, to }: { readonly from: number; readonly to: number }, value: number): boolean {
  return from <= value && value <= to;
}
