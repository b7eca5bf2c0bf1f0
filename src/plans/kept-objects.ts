/** Objects that a fix must not cost: named before it writes, and again once it is verified. */
import type { ClusterAccess } from '../model/cluster-access.ts';
import type { Fix, FixContext, FixPlan } from '../model/fix.ts';
import type { FixInput } from '../model/fix-inputs.ts';
import { fixAccess } from './fix-context.ts';
import type { Comparison } from './control-probes.ts';

/** What there is to lose: the names, or why nobody could read them; null: nothing is watched. */
export type Kept = { readonly names: readonly string[] } | { readonly why: string } | null;

export async function keptObjects(fix: Fix, access: ClusterAccess, plan: FixPlan): Promise<Kept> {
  const { keeps } = fix;
  if (!keeps || !plan.controls.some(({ fact }) => fact === 'objects')) return null;
  return reading(fix, access, plan, async (context, input) =>
    keeps.notWatched(input) === null ? { names: await keeps.names(context, input) } : null,
  );
}

/** Compares with what there was before. What could not be read says nothing against the fix, and is told. */
export async function lostObjects(fix: Fix, access: ClusterAccess, plan: FixPlan, before: Kept): Promise<Comparison> {
  const { keeps } = fix;
  if (!keeps || before === null) return { worse: [], told: [] };
  const unknown = (why: string) => ({ worse: [], told: [`${keeps.watches}: not checked: ${why}`] });
  if ('why' in before) return unknown(before.why);
  const lost = await reading(fix, access, plan, async (context, input) => {
    const names = new Set(await keeps.names(context, input));
    const gone = before.names.filter((name) => !names.has(name));
    return { names: gone.length === 0 ? [] : await keeps.missed(context, input, gone) };
  });
  if ('why' in lost) return unknown(lost.why);
  const [first, ...others] = lost.names;
  if (first === undefined) return { worse: [], told: [`${keeps.watches}: ${before.names.length} are there`] };
  return { worse: [`${first} is lost${others.length > 0 ? `, and ${others.length} more` : ''}`], told: [] };
}

async function reading<T>(
  fix: Fix,
  access: ClusterAccess,
  plan: FixPlan,
  read: (context: FixContext, input: FixInput) => Promise<T>,
): Promise<T | { readonly why: string }> {
  try {
    return await read(fixAccess(access, fix).looking, fix.input.parse(plan.input));
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
