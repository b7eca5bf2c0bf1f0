/** After a verdict: a stored plan for every finding that a button may fix, advice where none may. */
import { ulid } from 'ulid';
import type { ComputedFact } from '../model/computed.ts';
import type { Fix, FixPlan } from '../model/fix.ts';
import type { Probe } from '../model/probe.ts';
import type { Target } from '../model/target.ts';
import type { Finding, OfferedFix, Verdict } from '../model/verdict.ts';
import { digestOf } from '../fixes/digest.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { ClusterAccess } from '../model/cluster-access.ts';
import { readingOf } from '../engine/reading.ts';
import { expiryNotice } from '../model/job-catalogue.ts';
import { clusterIdentity } from './cluster-identity.ts';
import { chooseControls } from './control-probes.ts';
import { movePlan, tellPlan, type PlanDeps } from './plan-record.ts';
import { planProblem, sealPlan } from './signed-plan.ts';
import { touchedPods } from './touched-pods.ts';
import { needsTwo, type TwoApproversDeps } from './two-approvers.ts';
import { draftFix } from './use-fix.ts';
import type { Asked } from '../model/run-plans.ts';
import { withoutAnswer } from '../model/run-life.ts';

export interface MakePlansDeps extends PlanDeps, TwoApproversDeps {
  readonly fixes: readonly Fix[];
  /** To choose the flows that are watched around a fix. */
  readonly probes: readonly Probe[];
  readonly computed: readonly ComputedFact[];
}

const validMinutes = 60;

/**
 * Makes, stores and tells the plans of a verdict's findings. A finding that has its plan already, or the reason why
 * there is none, is left. Where a fix refuses, the reason is told with the advice that takes its place.
 * @param asked what the run was asked, and by whom
 */
export async function makePlans(
  deps: MakePlansDeps,
  access: ClusterAccess,
  verdict: Verdict,
  asked: Asked,
): Promise<void> {
  const open = withoutAnswer(verdict, await deps.store.events(verdict.run));
  await Promise.all(
    open.flatMap((finding) => (finding.fix ? [offer(deps, access, verdict, finding, finding.fix, asked)] : [])),
  );
}

async function offer(
  deps: MakePlansDeps,
  access: ClusterAccess,
  verdict: Verdict,
  finding: Finding,
  offered: OfferedFix,
  { target, requester }: Asked,
): Promise<void> {
  const none = (why: string, advice: readonly string[]) =>
    deps.tell(verdict.run, { type: 'no-plan', finding: finding.id, why, advice });
  const fix = deps.fixes.find(({ id }) => id === offered.id);
  if (!fix) return none(`this version has no fix ${offered.id}`, []);
  const content = await contentOf(deps, access, verdict, finding, fix, offered, target).catch((error: unknown) => {
    deps.warn(`the fix ${fix.id} could not be planned`, error);
    return {
      ok: false,
      why: `it could not be planned: ${error instanceof Error ? error.message : String(error)}`,
      advice: [],
    } as const;
  });
  if (!content.ok) return none(content.why, content.advice);
  await propose(deps, content.content, requester);
}

/** A plan before it has an id and a time. */
type PlanContent = Omit<FixPlan, 'id' | 'createdAt' | 'expiresAt' | 'digest'>;
type Content =
  | { readonly ok: true; readonly content: PlanContent }
  | { readonly ok: false; readonly why: string; readonly advice: readonly string[] };

async function contentOf(
  deps: MakePlansDeps,
  access: ClusterAccess,
  { run, cluster }: Verdict,
  { id, rule, subject }: Finding,
  fix: Fix,
  offered: OfferedFix,
  target: Target,
): Promise<Content> {
  const drafted = await draftFix(fix, access, offered.input);
  if (!drafted.ok) return drafted;
  const {
    draft: { withinSeconds, scope, ...draft },
    input,
    conditions,
    rehearsed,
  } = drafted;
  const { signal } = new AbortController();
  const [identity, controls, touches] = await Promise.all([
    clusterIdentity(access.cluster),
    chooseControls(readingOf(deps, access), { run: `${run}.${id}`, target }, { controls: fix.controls, input }, signal),
    scope ? touchedPods(access.cluster, scope) : null,
  ]);
  const content = {
    ...draft,
    ...(touches ? { touches } : {}),
    ...(rehearsed ? { rehearsed } : {}),
    during: fix.during,
    ...(needsTwo(deps, { cluster, risk: draft.risk }) ? { approvals: 2 as const } : {}),
    fix: fix.id,
    run,
    cluster,
    identity,
    target,
    finding: id,
    rule,
    subject,
    preconditions: conditions,
    verify: { rule, withinSeconds },
    controls: controls.map((control) =>
      control.fact === 'objects' ? { ...control, notWatched: fix.keeps?.notWatched(input) ?? null } : control,
    ),
    input,
  };
  return { ok: true, content };
}

/**
 * A plan of this finding that says the same and still waits is told again (its run may have been cut off before it was
 * told); one that says something else is superseded. One that this program did not make counts for nothing.
 */
async function propose(deps: MakePlansDeps, content: PlanContent, requester: string): Promise<void> {
  const now = deps.clock.now().getTime();
  const about = ({ run, fix, finding }: PlanContent) => canonicalJson({ run, fix, finding });
  const waiting = (await deps.store.plans()).filter(
    (record) =>
      record.state === 'proposed' && about(record.plan) === about(content) && planProblem(deps.seals, record) === null,
  );
  for (const old of waiting) {
    if (Date.parse(old.plan.expiresAt) > now && isSameContent(old.plan, content)) {
      return tellPlan(deps, old, { to: 'proposed', by: requester, note: null });
    }
    const note = 'A newer plan takes its place.';
    await movePlan(deps, old.plan.id, ['proposed'], {
      to: 'superseded',
      change: { reason: 'a newer plan takes its place' },
      by: 'calico-chatops',
      note,
    });
  }
  const plan = {
    ...content,
    id: `p-${ulid(now)}`,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + validMinutes * 60_000).toISOString(),
  };
  const record = sealPlan(deps.seals, { ...plan, digest: digestOf(plan) }, requester);
  await deps.store.savePlan(record);
  await tellPlan(deps, record, { to: 'proposed', by: requester, note: null });
  await showExpiry(deps, plan.run, plan.id, new Date(plan.expiresAt));
}

/** Its card loses its buttons when the offer ends. A click that comes later is refused anyway. */
async function showExpiry(deps: PlanDeps, run: string, plan: string, at: Date): Promise<void> {
  try {
    await deps.queues?.add(expiryNotice(run, plan, at));
  } catch (error) {
    deps.warn(`the message of ${plan} will keep its buttons`, error);
  }
}

function isSameContent({ id, createdAt, expiresAt, digest, ...old }: FixPlan, content: PlanContent): boolean {
  const names = { id, createdAt, expiresAt, digest };
  return canonicalJson({ ...old, ...names }) === canonicalJson({ ...content, ...names });
}
