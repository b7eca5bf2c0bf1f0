import type { FixPlan } from '../../model/fix.ts';

/** A condition that held when it was read; its value is compared when the plan is applied. */
export type Condition = FixPlan['preconditions'][number];

/** What a fix found when it looked whether it may act. `done`: what it would do is already so. */
export type Readiness<Found> =
  | { readonly ready: 'yes'; readonly conditions: readonly Condition[]; readonly found: Found }
  | { readonly ready: 'no'; readonly why: string; readonly advice: readonly string[] }
  | { readonly ready: 'done'; readonly why: string };

/** How the world differs from what a plan rests on, in words; null: not at all. */
export function worldMoved(planned: readonly Condition[], now: readonly Condition[]): string | null {
  for (const condition of planned) {
    const current = now.find((candidate) => candidate.id === condition.id);
    if (!current) return `${condition.description}: no longer looked at`;
    if (current.value !== condition.value) return `${condition.description}: was "${condition.value}", is "${current.value}"`;
  }
  return null;
}

export function refuse(why: string, ...advice: readonly string[]): { readonly ready: 'no'; readonly why: string; readonly advice: readonly string[] } {
  return { ready: 'no', why, advice };
}
