/** After a verdict: a stored plan for every finding that a button may mend, advice where none may. */
import { ulid } from 'ulid';
import type { Fix, FixPlan, PlanDraft } from '../model/fix.ts';
import type { NodeAddress } from '../model/ports.ts';
import type { Finding, OfferedFix, Verdict } from '../model/verdict.ts';
import { digestOf } from '../fixes/digest.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { ClusterAccess } from '../model/cluster-access.ts';
import { fixContext } from './fix-context.ts';
import { movePlan, tellPlan, type PlanDeps } from './plan-record.ts';
import { sealPlan } from './signed-plan.ts';
import { subjectName } from '../model/rule.ts';
import type { Asked } from '../model/run-plans.ts';
import { withoutAnswer } from '../model/run-life.ts';
import { tell } from '../runs/tell.ts';

export interface MakePlansDeps extends PlanDeps {
  readonly fixes: readonly Fix[];
}

const validMinutes = 60;

/**
 * Makes, stores and tells the plans of a verdict's findings. A finding that has its plan already, or the reason why
 * there is none, is left. Where a fix refuses, the reason is told with the advice that takes its place.
 * @param asked what the run was asked, and by whom
 */
export async function makePlans(deps: MakePlansDeps, access: ClusterAccess, verdict: Verdict, asked: Asked): Promise<void> {
  const open = withoutAnswer(verdict, await deps.store.events(verdict.run));
  await Promise.all(open.flatMap((finding) => (finding.fix ? [offer(deps, access, verdict, finding, finding.fix, asked)] : [])));
}

async function offer(
  deps: MakePlansDeps,
  access: ClusterAccess,
  { run, cluster }: Verdict,
  { id: finding, rule, subject }: Finding,
  offered: OfferedFix,
  { target, requester }: Asked,
): Promise<void> {
  const none = (why: string, advice: readonly string[]) => tell(deps, run, { type: 'no-plan', finding, why, advice });
  const fix = deps.fixes.find(({ id }) => id === offered.id);
  if (!fix) return none(`this version has no fix ${offered.id}`, []);
  const result = await fix.plan(fixContext(access, fix), { rule, input: offered.input, nodes: nodesOf(offered.input) }).catch((error: unknown) => {
    deps.warn(`the fix ${fix.id} could not be planned`, error);
    return { ok: false, why: `it could not be planned: ${error instanceof Error ? error.message : String(error)}`, advice: [] } as const;
  });
  if (!result.ok) return none(result.why, result.advice);
  const about = { run, cluster, target, finding, rule, fix: fix.id, controls: fix.controls, requester };
  await propose(deps, about, { ...result.draft, subject: subjectName(subject) });
}

/** What a plan is about, beside its draft. */
type About = Pick<FixPlan, 'run' | 'cluster' | 'target' | 'rule' | 'fix' | 'controls'> & { readonly finding: string; readonly requester: string };

/**
 * A plan of this finding that says the same and still waits is told again (its run may have been cut off before it was
 * told); one that says something else is superseded.
 */
async function propose(deps: MakePlansDeps, about: About, draft: PlanDraft): Promise<void> {
  const { requester, ...names } = about;
  const now = deps.clock.now().getTime();
  const waiting = (await deps.store.plans()).filter(({ plan, state }) => state === 'proposed' && plan.run === about.run && plan.fix === about.fix && plan.finding === about.finding);
  for (const old of waiting) {
    if (Date.parse(old.plan.expiresAt) > now && contentOf(old.plan) === contentOf(draft)) return tellPlan(deps, old, { to: 'proposed', by: requester, note: null });
    await movePlan(deps, old.plan.id, ['proposed'], { to: 'superseded', change: { reason: 'a newer plan takes its place' }, by: 'calico-chatops', note: 'A newer plan takes its place.' });
  }
  const plan = { ...draft, ...names, id: `p-${ulid(now)}`, createdAt: new Date(now).toISOString(), expiresAt: new Date(now + validMinutes * 60_000).toISOString() };
  const record = sealPlan(deps.seals, { ...plan, digest: digestOf(plan) }, requester);
  await deps.store.savePlan(record);
  await tellPlan(deps, record, { to: 'proposed', by: requester, note: null });
}

function contentOf({ title, steps, diff, preconditions, input }: PlanDraft): string {
  return canonicalJson({ title, steps, diff, preconditions, input });
}

/** The node that a finding's input names, if it names one. */
function nodesOf({ node, nodeAddress }: Readonly<Record<string, string>>): readonly NodeAddress[] {
  return node && nodeAddress ? [{ name: node, address: nodeAddress }] : [];
}
