/** What lies between the parts of a fix: its input is checked, its conditions are compared, and only then it writes. */
import type { ClusterAccess } from '../model/cluster-access.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Applied, Condition, Fix, FixDraft, FixPlan, Readiness, Undone, Written } from '../model/fix.ts';
import type { FixInput } from '../model/fix-inputs.ts';
import { LookError } from '../model/look-error.ts';
import { fixAccess, type FixAccess } from './fix-context.ts';

/** Either a plan's content, or why no button may be offered, with what a person could do. */
export type Drafted =
  | {
      readonly ok: true;
      readonly draft: FixDraft;
      readonly input: FixInput;
      readonly conditions: readonly Condition[];
      /** Whether the API server accepted the write in a dry run. */
      readonly rehearsed: boolean;
    }
  | { readonly ok: false; readonly why: string; readonly advice: readonly string[] };

type WithEvidence<T> = T & { readonly evidence: readonly Evidence[] };

/**
 * Looks and says what the fix would do. @throws what the fix throws by mistake, and for an input that is not its own.
 */
export async function draftFix(fix: Fix, access: ClusterAccess, offered: unknown): Promise<Drafted> {
  const input = fix.input.parse(offered);
  const its = fixAccess(access, fix);
  const found = await lookNow(fix, its, input);
  if (found.ready === 'yes')
    return {
      ok: true,
      draft: fix.draft(input, found.found),
      input,
      conditions: found.conditions,
      rehearsed: its.rehearsed(),
    };
  return { ok: false, why: found.why, advice: found.ready === 'no' ? found.advice : [] };
}

/** Looks again, and writes only where all is as the plan says. */
export async function writeFix(fix: Fix, access: ClusterAccess, plan: FixPlan): Promise<WithEvidence<Written>> {
  const its = fixAccess(access, fix);
  const input = inputOf(fix, plan);
  if (input === null)
    return { outcome: 'refused', why: `this version of ${fix.id} does not take the plan's input`, evidence: [] };
  const found = await lookNow(fix, its, input);
  if (found.ready === 'done') return { outcome: 'superseded', why: found.why, evidence: its.ran() };
  if (found.ready === 'no') return { outcome: 'refused', why: found.why, evidence: its.ran() };
  const changed = changedSince(plan.preconditions, found.conditions);
  if (changed !== null)
    return { outcome: 'refused', why: `the cluster changed since the plan: ${changed}`, evidence: its.ran() };
  const written = await fix.write(its.writing, input, found.found);
  return { ...written, evidence: its.ran() };
}

/** Waits for what follows a write by itself. */
export async function settleFix(fix: Fix, access: ClusterAccess, plan: FixPlan): Promise<void> {
  const input = inputOf(fix, plan);
  if (input !== null) await fix.settle?.(fixAccess(access, fix).looking, input);
}

/** Takes back what was applied. */
export async function undoFix(
  fix: Fix,
  access: ClusterAccess,
  plan: FixPlan,
  applied: Applied,
): Promise<WithEvidence<Undone>> {
  const its = fixAccess(access, fix);
  const input = inputOf(fix, plan);
  if (input === null)
    return { ok: false, why: `this version of ${fix.id} does not take the plan's input`, evidence: [] };
  const undone = await fix.undo(its.writing, input, applied);
  return { ...undone, evidence: its.ran() };
}

/** null: the plan is of a version that asked otherwise. */
function inputOf(fix: Fix, plan: FixPlan): FixInput | null {
  try {
    return fix.input.parse(plan.input);
  } catch {
    return null;
  }
}

/** A fix that cannot check whether it may act does not act. */
async function lookNow(fix: Fix, { looking }: FixAccess, input: FixInput): Promise<Readiness<unknown>> {
  try {
    return await fix.look(looking, input);
  } catch (error) {
    if (!(error instanceof LookError)) throw error;
    return { ready: 'no', why: `its conditions were not checked: ${error.message}`, advice: [] };
  }
}

/** How the cluster differs from what a plan rests on, in words; null: not at all. */
function changedSince(planned: readonly Condition[], now: readonly Condition[]): string | null {
  for (const { id, description, value } of planned) {
    const current = now.find((candidate) => candidate.id === id);
    if (!current) return `${description}: no longer checked`;
    if (current.value !== value) return `${description}: was "${value}", is "${current.value}"`;
  }
  const added = now.find(({ id }) => !planned.some((condition) => condition.id === id));
  return added ? `${added.description}: not checked when the plan was made` : null;
}
