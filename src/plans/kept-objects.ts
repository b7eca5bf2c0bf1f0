/** Objects that a fix must not cost: named before it writes, and again once it is verified. */
import type { ClusterAccess } from '../model/cluster-access.ts';
import type { Fix, FixContext, FixPlan } from '../model/fix.ts';
import { fixAccess } from './fix-context.ts';
import type { Comparison } from './control-probes.ts';

/** What there is to lose: the names, or why nobody could read them; null: nothing is watched. */
export type Kept = { readonly names: readonly string[] } | { readonly why: string } | null;

export async function keptObjects(fix: Fix, access: ClusterAccess, plan: FixPlan): Promise<Kept> {
  const keeps = watched(fix, plan);
  if (keeps === null) return null;
  return reading(fix, access, async (context) => ({ names: await keeps.names(context, plan.input) }));
}

/** Compares with what there was before. What could not be read says nothing against the fix, and is told. */
export async function lostObjects(fix: Fix, access: ClusterAccess, plan: FixPlan, before: Kept): Promise<Comparison> {
  const keeps = watched(fix, plan);
  if (keeps === null || before === null) return { worse: [], told: [] };
  const unknown = (why: string) => ({ worse: [], told: [`${keeps.watches}: not checked: ${why}`] });
  if ('why' in before) return unknown(before.why);
  const after = await reading(fix, access, async (context) => {
    const names = new Set(await keeps.names(context, plan.input));
    const gone = before.names.filter((name) => !names.has(name));
    return { names: gone.length === 0 ? [] : await keeps.missed(context, plan.input, gone) };
  });
  if ('why' in after) return unknown(after.why);
  const [first, ...others] = after.names;
  if (first === undefined) return { worse: [], told: [`${keeps.watches}: ${before.names.length} are there`] };
  return { worse: [`${first} is lost${others.length > 0 ? `, and ${others.length} more` : ''}`], told: [] };
}

function watched({ keeps, input }: Fix, plan: FixPlan): NonNullable<Fix['keeps']> | null {
  if (!keeps || !plan.controls.some(({ fact }) => fact === 'objects')) return null;
  return keeps.notWatched(input.parse(plan.input)) === null ? keeps : null;
}

async function reading(
  fix: Fix,
  access: ClusterAccess,
  read: (context: FixContext) => Promise<{ readonly names: readonly string[] }>,
): Promise<NonNullable<Kept>> {
  try {
    return await read(fixAccess(access, fix).looking);
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
