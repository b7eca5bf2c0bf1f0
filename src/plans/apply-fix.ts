/**
 * The life of an approved plan: approved → applying → verified | rolled-back | failed, or refused, expired, superseded.
 * Each change of state is one compare-and-set, so a second worker or a job that is delivered again acts no second time.
 */
import { offerAgain } from './abandon-plan.ts';
import { offProblem } from './fixes-switch.ts';
import type { ComputedFact } from '../model/computed.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Fix, FixPlan, PlanRecord, PlanState } from '../model/fix.ts';
import type { Rule } from '../model/rule.ts';
import type { SignedApproval } from '../model/approval.ts';
import type { Probe } from '../model/probe.ts';
import type { ClusterAccess, OpenCluster } from '../model/cluster-access.ts';
import { readingOf } from '../engine/reading.ts';
import { compareControls, tryControls } from './control-probes.ts';
import { canRollBack } from './decide-plan.ts';
import type { DiagnoseDeps } from '../engine/diagnose.ts';
import { permitOf, type PermitDeps } from './permit.ts';
import { appliedNote, verifiedNote } from './fix-notes.ts';
import { keptObjects, lostObjects } from './kept-objects.ts';
import { movePlan, tellPlan, tellRefusal, type PlanDeps, type PlanStep } from './plan-record.ts';
import { notApproved, refuseForged, worker } from './refuse-forged.ts';
import { appliedProblem, sealApplied } from './signed-plan.ts';
import { otherCluster } from './cluster-identity.ts';
import { settleFix, undoFix, writeFix } from './use-fix.ts';
import { verifyFix } from './verify-fix.ts';

export interface FixDeps extends PlanDeps, PermitDeps {
  readonly fixes: readonly Fix[];
  readonly probes: readonly Probe[];
  readonly computed: readonly ComputedFact[];
  readonly rules: readonly Rule[];
  readonly open: OpenCluster;
}

/**
 * Applies an approved plan, verifies it and rolls it back when its verify does not pass. What the store says is not
 * believed: plan and approval must be signed, and the approver is asked about again.
 * @returns the plan's record as it ended, or as it was when another acted first.
 * @throws Error for an unknown plan.
 */
export async function applyPlan(
  deps: FixDeps,
  id: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<PlanRecord> {
  const forged = await refuseForged(deps, await known(deps, id));
  if (forged) return forged;
  const record = await movePlan(deps, id, ['approved'], {
    to: 'applying',
    by: worker,
    note: 'Checking the plan and its approval, then applying it.',
  });
  if (!record) return notApproved(deps, await known(deps, id));
  const { plan } = record;
  const end = (to: PlanState, reason: string | null, evidence: readonly Evidence[] = []) =>
    finish(deps, id, { to, change: { reason }, by: worker, note: reason, evidence });
  // What says nothing about the plan costs this attempt alone.
  const notNow = async (why: string) => {
    const offered = (await offerAgain(deps, record, ['applying'], why)) ?? (await known(deps, id));
    return { ...offered, reason: why };
  };

  const permit = await permitOf(deps, record, 'apply', record.approval);
  if (permit.refused === 'retry') return notNow(permit.why);
  if (permit.refused !== null) return end(permit.refused === 'expired' ? 'expired' : 'refused', permit.why);

  const fix = deps.fixes.find((candidate) => candidate.id === plan.fix);
  if (!fix) return end('refused', unknownFix(plan));

  let access: ClusterAccess;
  try {
    access = await deps.open(plan.cluster);
  } catch (error) {
    return notNow(`the cluster does not answer: ${messageOf(error)}`);
  }
  try {
    const other = await otherCluster(access.cluster, plan).catch(messageOf);
    if (other !== null) return await notNow(other);
    const unusable = await permit.use();
    if (unusable !== null) return await end('refused', unusable);
    return await applyAndVerify(deps, { record, fix, access }, end, signal);
  } catch (error) {
    return await end('failed', `Failed part-way: ${messageOf(error)}. Check it by hand.`);
  } finally {
    await access.close();
  }
}

interface Application {
  readonly record: PlanRecord;
  readonly fix: Fix;
  readonly access: ClusterAccess;
}
type End = (to: PlanState, reason: string | null, evidence?: readonly Evidence[]) => Promise<PlanRecord>;

async function applyAndVerify(
  deps: FixDeps,
  { record: { plan }, fix, access }: Application,
  end: End,
  signal: AbortSignal,
): Promise<PlanRecord> {
  const engine: DiagnoseDeps = { ...readingOf(deps, access), rules: deps.rules };
  // Marks of the probes derive from the run's name: each look has its own.
  const look = (name: string) => ({ run: `${plan.id}.${name}`, target: plan.target });

  const [before, kept] = await Promise.all([
    tryControls(engine, look('before'), plan, null, signal),
    keptObjects(fix, access, plan),
  ]);
  // The controls took some seconds: who turned fixes off meanwhile was told that nothing is applied.
  const off = await offProblem(deps);
  if (off !== null) return end('refused', `${off}. Nothing was changed`);
  const result = await writeFix(fix, access, plan);
  if (result.outcome !== 'applied') return end(result.outcome, result.why, result.evidence);

  // Stored before anything else: a rollback by any worker needs it.
  const step: PlanStep = {
    to: 'applying',
    change: { applied: result.applied, appliedSeal: sealApplied(deps.seals, plan, result.applied) },
    by: worker,
    note: appliedNote(plan, before),
    evidence: result.evidence,
  };
  await finish(deps, plan.id, step);
  await settleFix(fix, access, plan);

  const verification = await verifyFix(engine, look('verify'), plan, signal);
  const verified = verification.state === 'verified';
  if (signal.aborted && !verified)
    return end(
      'failed',
      'Not verified: the worker stopped first. The fix is applied: diagnose again, or roll it back.',
    );
  const [after, lost] = await Promise.all([
    tryControls(engine, look('after'), plan, before, signal),
    lostObjects(fix, access, plan, kept),
  ]);
  const flows = compareControls(plan.controls, before, after);
  const [worse, told] = [
    [...flows.worse, ...lost.worse],
    [...flows.told, ...lost.told],
  ];
  if (verified && worse.length === 0) return end('verified', verifiedNote(verification.why, after.outcome.flow, told));

  const why = [
    ...(verified ? [] : [`Not verified within ${plan.verify.withinSeconds} s: ${verification.why}`]),
    ...worse,
  ].join('; ');
  // A finding that nobody could judge says nothing against the fix.
  if (verification.state === 'not-judged' && worse.length === 0)
    return end('failed', `${why}. The fix is applied: diagnose again, or roll it back.`);
  if (plan.rollback.kind === 'none') return end('failed', `${why}. It cannot be rolled back.`);
  // Stored before anything is undone: of a worker that ends now nobody may say that the fix is applied.
  await finish(deps, plan.id, {
    to: 'applying',
    what: 'plan rolling back',
    change: { reason: why },
    by: worker,
    note: `${why}. Rolling back.`,
  });
  const undone = await undoFix(fix, access, plan, result.applied);
  return end(
    undone.ok ? 'rolled-back' : 'failed',
    `${why}. ${undone.ok ? 'Rolled back' : 'Not rolled back'}: ${undone.why}`,
    undone.evidence,
  );
}

/**
 * Rolls an applied plan back, on the signed wish of a person who may decide. A wish that does not hold is told, and
 * the plan stays as it is.
 */
export async function rollBackPlan(deps: FixDeps, id: string, approval: SignedApproval | null): Promise<PlanRecord> {
  const before = await known(deps, id);
  const { applied, plan } = before;
  const fix = deps.fixes.find((candidate) => candidate.id === plan.fix);
  if (!applied || !canRollBack(before)) return before;
  const by = approval?.approval.approver ?? 'nobody';
  const refuse = async (why: string) => {
    await tellRefusal(deps, before, { what: 'rollback', by, why, approval });
    return { ...before, reason: why };
  };
  const permit = await permitOf(deps, before, 'rollback', approval);
  if (permit.refused !== null) return refuse(permit.why);
  if (!fix) return refuse(unknownFix(plan));
  const altered = appliedProblem(deps.seals, before);
  if (altered !== null) return refuse(altered);

  let access: ClusterAccess;
  try {
    access = await deps.open(plan.cluster);
  } catch (error) {
    return refuse(`the cluster does not answer: ${messageOf(error)}`);
  }
  try {
    const other = await otherCluster(access.cluster, plan).catch(messageOf);
    if (other !== null) return await refuse(other);
    const unusable = await permit.use();
    if (unusable !== null) return await refuse(unusable);
    return await undo(deps, { plan, applied, fix, access }, approval, by);
  } finally {
    await access.close();
  }
}

function unknownFix({ fix }: FixPlan): string {
  return `this version of calico-chatops has no fix ${fix}, another one made the plan`;
}

interface Rollback {
  /** Plan and applied as they were checked: the store may say something else since. */
  readonly plan: FixPlan;
  readonly applied: NonNullable<PlanRecord['applied']>;
  readonly fix: Fix;
  readonly access: ClusterAccess;
}

/** @param by who approved it */
async function undo(
  deps: FixDeps,
  { plan, applied, fix, access }: Rollback,
  approval: SignedApproval | null,
  by: string,
): Promise<PlanRecord> {
  const { id } = plan;
  const record = await movePlan(deps, id, ['verified', 'failed'], {
    to: 'applying',
    change: { reason: `approved by ${by}` },
    by,
    note: `Rolling back, approved by ${by}.`,
    approval,
  });
  if (!record) return known(deps, id);
  try {
    const undone = await undoFix(fix, access, plan, applied);
    return await finish(deps, id, {
      to: undone.ok ? 'rolled-back' : 'failed',
      change: { reason: undone.why },
      by,
      note: undone.why,
      evidence: undone.evidence,
      approval,
    });
  } catch (error) {
    return await finish(deps, id, {
      to: 'failed',
      change: { reason: messageOf(error) },
      by,
      note: `Not rolled back: ${messageOf(error)}`,
      approval,
    });
  }
}

/** Only the one that holds the plan in `applying` gets here, unless it was taken for dead. */
async function finish(deps: PlanDeps, id: string, step: PlanStep): Promise<PlanRecord> {
  const moved = await movePlan(deps, id, ['applying'], step);
  if (moved) return moved;
  const record = await known(deps, id);
  await tellPlan(deps, record, { ...step, note: `Taken for dead, yet it ended as ${step.to}: ${step.note ?? ''}` });
  return record;
}

async function known(deps: PlanDeps, id: string): Promise<PlanRecord> {
  const record = await deps.store.plan(id);
  if (!record) throw new Error(`there is no plan ${id} that this version can read`);
  return record;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
