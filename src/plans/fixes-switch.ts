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
  return readOff(await store.recall(key));
}

function readOff(stored: string | null): SwitchedOff | null {
  if (stored === null) return null;
  try {
    return switchedOff.parse(JSON.parse(stored));
  } catch {
    return { by: 'unknown', at: new Date(0).toISOString() };
  }
}

/**
 * Turns fixes off or on, for all workers. It is audited. An "on" that comes late does not undo an "off" that came after
 * it was asked for.
 * @returns who turned them off since `asked`; null: done
 */
export async function turnFixes(
  deps: Pick<PlanDeps, 'store' | 'audit' | 'clock'>,
  turn: 'on' | 'off',
  by: string,
  asked: Date = deps.clock.now(),
): Promise<SwitchedOff | null> {
  if (turn === 'off') {
    const value: SwitchedOff = { by, at: deps.clock.now().toISOString() };
    await deps.store.remember(key, JSON.stringify(value), keptSeconds);
    await deps.audit.append({ what: 'fixes off', by });
    return null;
  }
  const stored = await deps.store.recall(key);
  const off = readOff(stored);
  if (off && Date.parse(off.at) > asked.getTime()) return off;
  await deps.audit.append({ what: 'fixes on', by });
  return stored === null || (await deps.store.forget(key, stored)) ? null : fixesOff(deps);
}

/** Why nothing is applied now; null: it may be. */
export async function offProblem(deps: Pick<PlanDeps, 'store'>): Promise<string | null> {
  const off = await fixesOff(deps);
  return off && `fixes are off since ${off.at} (${off.by}): an approver turns them on with "fixes on"`;
}
