import { digestOf } from '../../src/fixes/digest.ts';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import type { Fix, FixPlan } from '../../src/model/fix.ts';
import type { Subject } from '../../src/model/rule.ts';
import { draftFix } from '../../src/plans/use-fix.ts';
import { samplePlan } from '../support/sample-plan.ts';

/** What a finding offers. */
export interface Offer {
  readonly rule: string;
  readonly subject: Subject;
  readonly input: unknown;
}

/** The plan that a fix makes for a finding, or why it makes none. */
export async function planned(
  fix: Fix,
  access: ClusterAccess,
  { rule, subject, input }: Offer,
): Promise<FixPlan | string> {
  const drafted = await draftFix(fix, access, input);
  if (!drafted.ok) return drafted.why;
  const { withinSeconds, ...draft } = drafted.draft;
  const plan = {
    ...samplePlan(),
    ...draft,
    id: 'p-1',
    fix: fix.id,
    during: fix.during,
    ...(drafted.rehearsed ? { rehearsed: true as const } : {}),
    rule,
    subject,
    input: drafted.input,
    preconditions: drafted.conditions,
    verify: { rule, withinSeconds },
    controls: fix.controls.map((control) => ({ ...control, notWatched: null })),
  };
  return { ...plan, digest: digestOf(plan) };
}

/** The plan that a fix makes for a finding. @throws Error where it makes none */
export async function madePlan(fix: Fix, access: ClusterAccess, offer: Offer): Promise<FixPlan> {
  const made = await planned(fix, access, offer);
  if (typeof made === 'string') throw new Error(made);
  return made;
}
