/** The switch that an approver turns when nothing may be applied: during an incident of the bot's own, or a freeze. */
import { z } from 'zod';
import type { PlanDeps } from './plan-record.ts';

const switchedOff = z.object({ by: z.string(), at: z.iso.datetime() });
export type SwitchedOff = z.infer<typeof switchedOff>;

const key = 'fixes-off';
/** Until somebody turns it on. */
const keptSeconds = 10 * 365 * 86_400;

/** Who turned fixes off, and when; null: they are on. What cannot be read counts as off. */
export async function fixesOff({ store }: Pick<PlanDeps, 'store'>): Promise<SwitchedOff | null> {
  const stored = await store.recall(key);
  if (stored === null) return null;
  try {
    return switchedOff.parse(JSON.parse(stored));
  } catch {
    return { by: 'unknown', at: new Date(0).toISOString() };
  }
}

/** Turns fixes off or on, for all workers. It is audited. */
export async function turnFixes(
  deps: Pick<PlanDeps, 'store' | 'audit' | 'clock'>,
  turn: 'on' | 'off',
  by: string,
): Promise<void> {
  const value: SwitchedOff = { by, at: deps.clock.now().toISOString() };
  if (turn === 'off') await deps.store.remember(key, JSON.stringify(value), keptSeconds);
  await deps.audit.append({ what: `fixes ${turn}`, by });
  if (turn === 'on') await deps.store.forget(key);
}

/** Why nothing is applied now; null: it may be. */
export async function offProblem(deps: Pick<PlanDeps, 'store'>): Promise<string | null> {
  const off = await fixesOff(deps);
  return off && `fixes are off since ${off.at} (${off.by}): an approver turns them on with "fixes on"`;
}
