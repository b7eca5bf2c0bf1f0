/**
 * The life of an approved plan: approved → applying → verified | rolled-back | failed, or refused, expired, superseded.
 * Each change of state is one compare-and-set, so a second worker or a job that is delivered again acts no second time.
 */
import type { Evidence } from '../model/evidence.ts';
import type { ApplyResult, Fix, FixPlan, PlanRecord, PlanState } from '../model/fix.ts';
import type { Rule } from '../model/rule.ts';
import type { Target } from '../model/target.ts';
import { digestOf } from '../fixes/digest.ts';
import type { Probe } from '../model/probe.ts';
import type { ClusterAccess, OpenCluster } from './cluster-access.ts';
import { fixContext } from './fix-context.ts';
import { compareControls, flowWorks, tryControls, watchedFlows } from './control-probes.ts';
import { isExpired } from './decide-plan.ts';
import type { DiagnoseDeps } from './diagnose.ts';
import { movePlan, tellPlan, type PlanStep } from './plan-record.ts';
import type { TellDeps } from './tell.ts';
import { waitUntilHealed } from './verify-fix.ts';

export interface FixDeps extends TellDeps {
  readonly fixes: readonly Fix[];
  readonly probes: readonly Probe[];
  readonly rules: readonly Rule[];
  readonly open: OpenCluster;
}

const worker = 'calico-chatops';

/**
 * Applies an approved plan, verifies it and rolls it back when it does not heal.
 * @returns the plan's record as it ended, or as it was when another acted first.
 * @throws Error for an unknown plan.
 */
export async function applyPlan(deps: FixDeps, id: string, signal: AbortSignal = new AbortController().signal): Promise<PlanRecord> {
  const record = await movePlan(deps, id, ['approved'], { to: 'applying', by: worker, note: 'Looking whether it still holds, then applying.' });
  if (!record) return known(deps, id);
  const { plan } = record;
  const end = (to: PlanState, reason: string | null, evidence: readonly Evidence[] = []) => finish(deps, id, { to, change: { reason }, by: worker, note: reason, evidence });

  const fix = deps.fixes.find((candidate) => candidate.id === plan.fix);
  if (!fix) return end('refused', `this version has no fix ${plan.fix}`);
  if (digestOf(plan) !== plan.digest) return end('refused', 'the plan is not what was approved: its digest differs');
  if (isExpired(deps, record)) return end('expired', `it was valid until ${plan.expiresAt}`);
  const target = await targetOf(deps, plan.run);
  if (!target) return end('refused', 'the run that it belongs to is gone: diagnose again');

  let access: ClusterAccess;
  try {
    access = await deps.open(plan.cluster);
  } catch (error) {
    return end('refused', `the cluster cannot be reached: ${messageOf(error)}`);
  }
  try {
    return await applyAndVerify(deps, { record, fix, access, target }, end, signal);
  } catch (error) {
    return await end('failed', `stopped in the middle: ${messageOf(error)}. Look at it by hand.`);
  } finally {
    await access.close();
  }
}

interface Application {
  readonly record: PlanRecord;
  readonly fix: Fix;
  readonly access: ClusterAccess;
  readonly target: Target;
}
type End = (to: PlanState, reason: string | null, evidence?: readonly Evidence[]) => Promise<PlanRecord>;

async function applyAndVerify(deps: FixDeps, { record: { plan }, fix, access, target }: Application, end: End, signal: AbortSignal): Promise<PlanRecord> {
  const engine: DiagnoseDeps = { probes: deps.probes, rules: deps.rules, cluster: access.cluster, shells: access.shells, clock: deps.clock, calicoNamespaces: access.calicoNamespaces };
  // Marks of the probes derive from the run's name: each look has its own.
  const look = (name: string) => ({ run: `${plan.id}.${name}`, target });

  const before = await tryControls(engine, look('before'), plan, null, signal);
  const result: ApplyResult = await fix.apply(fixContext(access, fix), plan);
  if (result.outcome !== 'applied') return end(result.outcome, result.why, result.evidence);

  // Stored before anything else: a rollback needs it, whoever does it.
  const step: PlanStep = { to: 'applying', change: { applied: result.applied }, by: worker, note: appliedNote(plan, watchedFlows(before)), evidence: result.evidence };
  await finish(deps, plan.id, step);

  const healing = await waitUntilHealed(engine, look('verify'), plan, signal);
  if (signal.aborted && !healing.healed) return end('failed', 'the worker was stopped before it could see whether it heals. It is applied: diagnose again, or roll it back.');
  const after = await tryControls(engine, look('after'), plan, before, signal);
  const { worse, told } = compareControls(plan.controls, before, after);
  if (healing.healed && worse.length === 0) return end('verified', verifiedNote(healing.why, flowWorks(after), told));

  const why = [...(healing.healed ? [] : [`not healed within ${plan.verify.withinSeconds} s: ${healing.why}`]), ...worse].join('; ');
  if (plan.rollback.kind === 'none') return end('failed', `${why}. It cannot be rolled back.`);
  const undone = await fix.rollback(fixContext(access, fix), plan, result.applied);
  return end(undone.ok ? 'rolled-back' : 'failed', `${why}. ${undone.ok ? 'Rolled back' : 'Not rolled back'}: ${undone.why}`, undone.evidence);
}

function appliedNote({ verify }: FixPlan, watching: readonly string[]): string {
  return `Applied. Looking again for at most ${verify.withinSeconds} s whether it heals.${watching.length > 0 ? ` Watched meanwhile: ${watching.join('; ')}.` : ''}`;
}

function verifiedNote(why: string, works: boolean | null, controls: readonly string[]): string {
  const flow = works === null ? 'whether the asked flow works could not be tried' : works ? 'the asked flow works' : 'the asked flow does not work yet: another cause still stands in its way';
  return `Healed: ${why}; ${flow}.${controls.length > 0 ? ` Watched: ${controls.join('; ')}.` : ''}`;
}

/** Takes an applied plan back, on a person's wish. */
export async function rollBackPlan(deps: FixDeps, id: string, by: string): Promise<PlanRecord> {
  const before = await known(deps, id);
  if (!before.applied) return before;
  const { applied, plan } = before;
  const fix = deps.fixes.find((candidate) => candidate.id === plan.fix);
  if (!fix || plan.rollback.kind === 'none') return before;
  const record = await movePlan(deps, id, ['verified', 'failed'], { to: 'applying', by, note: `Rolling back, asked by ${by}.` });
  if (!record) return known(deps, id);
  let access: ClusterAccess | null = null;
  try {
    access = await deps.open(plan.cluster);
    const undone = await fix.rollback(fixContext(access, fix), plan, applied);
    return await finish(deps, id, { to: undone.ok ? 'rolled-back' : 'failed', change: { reason: undone.why }, by, note: undone.why, evidence: undone.evidence });
  } catch (error) {
    return await finish(deps, id, { to: 'failed', change: { reason: messageOf(error) }, by, note: `Not rolled back: ${messageOf(error)}` });
  } finally {
    await access?.close();
  }
}

/** A plan whose worker died while applying is not repeated: it is called failed, and a person looks. */
export async function abandonPlan(deps: TellDeps, id: string): Promise<void> {
  const { applied } = await known(deps, id);
  const note = applied
    ? 'The worker ended before it could see whether it heals. It is applied: diagnose again, or roll it back.'
    : 'The worker that applied it ended in the middle, so what it did is not known. It is not repeated: diagnose again.';
  await movePlan(deps, id, ['applying'], { to: 'failed', change: { reason: note }, by: worker, note });
}

/** Only the one that holds the plan in `applying` gets here, unless it was taken for dead. */
async function finish(deps: TellDeps, id: string, step: PlanStep): Promise<PlanRecord> {
  const moved = await movePlan(deps, id, ['applying'], step);
  if (moved) return moved;
  const record = await known(deps, id);
  await tellPlan(deps, record, { ...step, note: `Taken for dead, yet it ended as ${step.to}: ${step.note ?? ''}` });
  return record;
}

async function known(deps: TellDeps, id: string): Promise<PlanRecord> {
  const record = await deps.store.plan(id);
  if (!record) throw new Error(`there is no plan ${id}`);
  return record;
}

async function targetOf(deps: TellDeps, run: string): Promise<Target | null> {
  return (await deps.store.events(run)).find((event) => event.type === 'started')?.target ?? null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
