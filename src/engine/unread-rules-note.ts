import type { Gathering } from './gather.ts';

/** Parts that are named; of more only the number is told. */
const named = 3;

/** Returns which parts of a node's packet filters were not read: a drop in one of them would go unseen. */
export async function unreadRulesNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const facts = await Promise.all([gathering.fact('rulesets@target'), gathering.fact('rulesets@source')]);
  const notes = facts.flatMap((fact) => {
    if (fact.status === 'unavailable') return [];
    const { node } = fact.value;
    // The others are blind spots.
    const unread = (fact.value.unread ?? []).filter(({ code }) => code === undefined);
    if (unread.length === 0) return [];
    const more = unread.length > named ? `, and ${unread.length - named} more` : '';
    const parts = unread.slice(0, named).map(({ part, why }) => `${part} (${why})`);
    return [`Not read on ${node}: ${parts.join(', ')}${more}. A drop there would go unseen.`];
  });
  return [...new Set(notes)];
}
