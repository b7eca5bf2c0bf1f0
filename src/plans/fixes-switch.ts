/** The switch that an approver turns when nothing may be applied: during an incident of the bot's own, or a freeze. */
import { z } from 'zod';
import type { PlanDeps } from './plan-record.ts';

const turned = z.object({ by: z.string(), at: z.iso.datetime() });
/** Who turned fixes off or on, and when they asked for it. */
export type Turned = z.infer<typeof turned>;
/** An older version stored no seal. */
const signed = turned.extend({ seal: z.string().nullable().default(null) });

const key = 'fixes-off';
/** Until somebody turns it on. */
const keptSeconds = 10 * 365 * 86_400;
/** Who turned them on last, for what Slack delivers again. */
const lastOnKey = 'fixes-on';
const lastOnSeconds = 86_400;
/** The "off" that the audit chain has. */
const auditedOffKey = 'fixes-off-audited';

/** When somebody asked for a turn. */
export interface AskedTurn {
  /** Of the first delivery. */
  readonly at: Date;
  /** It was delivered before: what came since then is newer. */
  readonly again: boolean;
}

type SwitchDeps = Pick<PlanDeps, 'store' | 'audit' | 'seals'>;

/** Who turned fixes off, and when; null: they are on. What cannot be read counts as off. */
export async function fixesOff({ store }: Pick<PlanDeps, 'store'>): Promise<Turned | null> {
  const stored = await store.recall(key);
  return stored === null ? null : readTurned(stored);
}

function readTurned(stored: string): Turned {
  try {
    return turned.parse(JSON.parse(stored));
  } catch {
    return { by: 'unknown', at: new Date(0).toISOString() };
  }
}

/**
 * Turns fixes off or on, for all workers. It is audited. The newer act wins: an "on" that comes late does not undo an
 * "off" that came after it was asked for, and an "off" that is delivered again does not undo an "on" that came between.
 * @returns who turned them the other way since; null: done
 */
export async function turnFixes(
  deps: SwitchDeps & Pick<PlanDeps, 'clock'>,
  turn: 'on' | 'off',
  by: string,
  asked: AskedTurn = { at: deps.clock.now(), again: false },
): Promise<Turned | null> {
  const wish: Turned = { by, at: asked.at.toISOString() };
  const value = JSON.stringify({ ...wish, ...(turn === 'off' && { seal: deps.seals.seal('fixes-off', wish) }) });
  return turn === 'off' ? turnOff(deps, value, asked) : turnOn(deps, by, value, asked);
}

/** The first delivery always turns them off, whatever the clocks of two machines say. */
async function turnOff(deps: SwitchDeps, value: string, { at, again }: AskedTurn): Promise<Turned | null> {
  const { store } = deps;
  if (again) {
    const [on, off] = await Promise.all([store.recall(lastOnKey), store.recall(key)]);
    if (off !== null) {
      await auditOff(deps);
      return null;
    }
    const since = on === null ? null : readTurned(on);
    if (since && Date.parse(since.at) > at.getTime()) return since;
  }
  await store.remember(key, value, keptSeconds);
  await auditOff(deps);
  return null;
}

/**
 * Audits the "off" that stands, unless the chain has it. Nothing waits for the audit chain when fixes are turned off,
 * so a program can end between the two: the next delivery, the next turn or the next start of a worker adds it then.
 * One that ends right after adding it adds it twice. The chain names nobody whom only the store names.
 */
export async function auditOff({ store, audit, seals }: SwitchDeps): Promise<void> {
  const [off, audited] = await Promise.all([store.recall(key), store.recall(auditedOffKey)]);
  if (off === null || off === audited) return;
  const wish = signedWish(off, seals);
  await audit.append({
    what: 'fixes off',
    ...(wish ? { by: wish.by, since: wish.at } : { by: 'unknown', why: 'the store says so, and nobody signed it' }),
  });
  await store.remember(auditedOffKey, off, keptSeconds);
}

/** Returns the wish that a program with the key stored; null: anybody may have written it. */
function signedWish(stored: string, seals: PlanDeps['seals']): Turned | null {
  try {
    const { seal, ...wish } = signed.parse(JSON.parse(stored));
    return seals.check('fixes-off', wish, seal) === 'holds' ? wish : null;
  } catch {
    return null;
  }
}

async function turnOn(deps: SwitchDeps, by: string, value: string, { at, again }: AskedTurn): Promise<Turned | null> {
  const { store, audit } = deps;
  const stored = await store.recall(key);
  const off = stored === null ? null : readTurned(stored);
  if (off && Date.parse(off.at) > at.getTime()) return off;
  // They are on, and somebody may have turned them on later: that one counts.
  if (again && off === null) return null;
  await auditOff(deps);
  await audit.append({ what: 'fixes on', by });
  await store.remember(lastOnKey, value, lastOnSeconds);
  return stored === null || (await store.forget(key, stored)) ? null : fixesOff({ store });
}

/** Why nothing is applied now; null: it may be. */
export async function offProblem(deps: Pick<PlanDeps, 'store'>): Promise<string | null> {
  const off = await fixesOff(deps);
  return off && `fixes are off since ${off.at} (${off.by}): an approver turns them on with "fixes on"`;
}
