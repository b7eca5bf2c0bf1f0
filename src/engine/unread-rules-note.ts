import type { Gathering } from './gather.ts';

/** At most this many parts are named; for the others the note gives the number. */
const named = 3;

/**
 * Returns a note that names the parts of a node's packet filters that were not read: a drop there stays unseen. It
 * leaves out parts that a blind spot names already, or that are unread for the same reason as one.
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
