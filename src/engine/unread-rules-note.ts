import type { Gathering } from './gather.ts';

/** Parts that are named; of more only the number is told. */
const named = 3;

/**
 * Returns which parts of a node's packet filters were not read: a drop in one of them would go unseen. A part that is a
 * blind spot of its own, or is unread for the same reason as one, is told there with its next command.
 */
export async function unreadRulesNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const facts = await Promise.all([gathering.fact('rulesets@target'), gathering.fact('rulesets@source')]);
  const notes = facts.flatMap((fact) => {
    if (fact.status === 'unavailable') return [];
    const { node, unread: all = [] } = fact.value;
    const blind = new Set(all.flatMap(({ code, why }) => (code === undefined ? [] : [why])));
    const unread = all.filter(({ code, why }) => code === undefined && !blind.has(why));
    if (unread.length === 0) return [];
    const more = unread.length > named ? `, and ${unread.length - named} more` : '';
    const parts = unread.slice(0, named).map(({ part, why }) => `${part} (${why})`);
    const next = `To do next on ${node}: iptables-save -c; nft list ruleset`;
    return [`Not read on ${node}: ${parts.join(', ')}${more}. A drop there would go unseen. ${next}`];
  });
  return [...new Set(notes)];
}
