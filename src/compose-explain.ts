import type { Explained } from './model/explained.ts';
import { nearestOf } from './model/nearest.ts';
import { rules } from './rules/registry.ts';

/** Says what is declared of a rule. */
export function explained(id: string): Explained {
  const rule = rules.find((one) => one.id === id);
  if (!rule)
    return {
      known: false,
      near: nearestOf(
        id,
        rules.map((one) => one.id),
        3,
      ),
    };
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
