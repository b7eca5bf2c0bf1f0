import type { Explained } from './model/explained.ts';
import { nearestOf } from './model/nearest.ts';
import { rules } from './rules/registry.ts';

/** Says what is declared of a rule. */
export function explained(id: string): Explained {
  const rule = rules.find((one) => one.id === id);
  if (!rule) {
    const ids = rules.map((one) => one.id);
    const near = nearestOf(id, ids, 3);
    const holding = id.length > 3 ? ids.filter((one) => one.includes(id.toLowerCase())).slice(0, 3) : [];
    return { known: false, near: near.length > 0 ? near : holding };
  }
  const { description, messages, advice, fix } = rule;
  return {
    known: true,
    id,
    description,
    titles: Object.values(messages).map(({ title }) => title),
    who: advice?.who ?? null,
    commands: advice?.commands ?? [],
    fix: fix ?? null,
  };
}
