import { connectClusters } from '../compose-cluster.ts';
import { openAnsweringStore } from '../compose-store.ts';
import { loadConfig, type Config } from '../config.ts';
import { describeError, ProgramError } from '../errors.ts';
import { fixes } from '../fixes/registry.ts';
import { applyPlan, rollBackPlan, type FixDeps } from '../jobs/apply-fix.ts';
import { approvePlan, rejectPlan, type Decision } from '../jobs/decide-plan.ts';
import type { TellDeps } from '../jobs/tell.ts';
import type { PlanRecord, PlanState } from '../model/fix.ts';
import { quoted } from '../model/target-grammar.ts';
import { createClock } from '../adapters/clock.ts';
import { computed } from '../computed/registry.ts';
import { probes } from '../probes/registry.ts';
import { rules } from '../rules/registry.ts';
import { exitCode, type Surroundings } from './output.ts';
import { localPerson } from './person.ts';
import { planLine, planText } from './plan-text.ts';
import { jsonDocument, line } from './plain-output.ts';

export interface ShowOptions {
  readonly json: boolean;
}

/** `calico-chatops fix list`: newest last. */
export async function listFixes({ json }: ShowOptions, surroundings: Surroundings): Promise<number> {
  return withStore(loadConfig(surroundings.environment, []), surroundings, async ({ store }) => {
    const records = await store.plans();
    surroundings.out(json ? jsonDocument(records) : records.map(planLine).join('') || 'no plans\n');
    return exitCode.done;
  });
}

/** `calico-chatops fix show`. @throws ProgramError `unknown-plan` */
export async function showFix(id: string, { json }: ShowOptions, surroundings: Surroundings): Promise<number> {
  return withStore(loadConfig(surroundings.environment, []), surroundings, async ({ store }) => {
    const record = (await store.plan(id)) ?? unknownPlan(id);
    surroundings.out(json ? jsonDocument(record) : planText(record));
    return exitCode.done;
  });
}

/**
 * `calico-chatops fix approve|reject|rollback`. Approving applies here, and waits for the verify.
 * @returns 0 verified, rejected, rolled back as asked, or superseded; 1 for every other end
 * @throws ProgramError `unknown-plan`, `wrong-state`
 */
export async function decideFix(action: 'approve' | 'reject' | 'rollback', id: string, as: string | null, surroundings: Surroundings): Promise<number> {
  const by = localPerson(as);
  const config = loadConfig(surroundings.environment, action === 'reject' ? [] : ['nodes']);
  return withStore(config, surroundings, async (deps) => {
    if (action === 'reject') return told(settled(await rejectPlan(deps, id, by), id), ['rejected'], surroundings);
    const clusters = await connectClusters(config);
    try {
      const fixDeps: FixDeps = { ...deps, fixes, probes, computed, rules, open: clusters.open };
      if (action === 'rollback') return told(await rollBack(fixDeps, id, by), ['rolled-back'], surroundings);
      settled(await approvePlan(deps, id, by), id);
      return told(await applyPlan(fixDeps, id, surroundings.signal), ['verified', 'superseded'], surroundings);
    } finally {
      await clusters.close();
    }
  });
}

async function rollBack(deps: FixDeps, id: string, by: string): Promise<PlanRecord> {
  const before = (await deps.store.plan(id)) ?? unknownPlan(id);
  if (!before.applied) throw new ProgramError('wrong-state', `plan ${id} is ${before.state}: nothing of it is applied`);
  if (before.state !== 'verified' && before.state !== 'failed') throw new ProgramError('wrong-state', `plan ${id} is ${before.state}`);
  if (before.plan.rollback.kind === 'none') throw new ProgramError('wrong-state', `plan ${id} cannot be rolled back: ${before.plan.rollback.description}`);
  return rollBackPlan(deps, id, by);
}

/** @throws ProgramError when somebody else decided before. An approval that came too late is no error: it ends expired. */
function settled(decision: Decision, id: string): PlanRecord {
  if (decision.decided === 'unknown-plan') return unknownPlan(id);
  const { record } = decision;
  if (decision.decided === 'taken' && record.state !== 'expired') throw new ProgramError('wrong-state', `plan ${id} is ${record.state} already`);
  return record;
}

function told(record: PlanRecord, good: readonly PlanState[], { out }: Surroundings): number {
  out(planLine(record));
  return good.includes(record.state) ? exitCode.done : exitCode.notApplied;
}

function unknownPlan(id: string): never {
  throw new ProgramError('unknown-plan', `there is no plan ${quoted(id)}`);
}

async function withStore(config: Config, { err }: Surroundings, use: (deps: TellDeps) => Promise<number>): Promise<number> {
  const opened = await openAnsweringStore(config, (note) => err(line`${note}\n`));
  try {
    const warn = (what: string, error: unknown) => err(line`warning: ${what}: ${describeError(error).message}\n`);
    return await use({ store: opened.store, clock: createClock(), queues: null, warn });
  } finally {
    await opened.close();
  }
}
