import { createApprovalLedger } from '../adapters/approval-ledger.ts';
import { createLog } from '../adapters/log.ts';
import { connectClusters } from '../compose-cluster.ts';
import { openAnsweringStore } from '../compose-store.ts';
import { twoApproversFrom } from '../compose-known-clusters.ts';
import { units } from '../compose-units.ts';
import { loadConfig, type Config } from '../config.ts';
import { describeError, ProgramError } from '../errors.ts';
import { applyPlan, rollBackPlan, type FixDeps } from '../plans/apply-fix.ts';
import { planProblem } from '../plans/signed-plan.ts';
import { firstApproval, needsTwo } from '../plans/two-approvers.ts';
import { teller } from '../runs/tell.ts';
import {
  approvePlan,
  approveRollback,
  rejectPlan,
  type DecideDeps,
  type Decision,
  type NoDecision,
} from '../plans/decide-plan.ts';
import type { Approver } from '../model/approval.ts';
import type { PlanRecord, PlanState } from '../model/fix.ts';
import { planNotice } from '../model/plan-notice.ts';
import type { Seals } from '../model/seal.ts';
import { quoted } from '../model/target-grammar.ts';
import { createClock } from '../adapters/clock.ts';
import { exitCode, type Format, type Surroundings } from './output.ts';
import { localApprover } from './person.ts';
import { planLine, planText } from './plan-text.ts';
import { documentOf, line } from './plain-output.ts';

/** `calico-chatops fix list`: newest last. A notice stands for each plan that this program did not make. */
export async function listFixes(format: Format, surroundings: Surroundings): Promise<number> {
  return withStore(loadConfig(surroundings.environment, []), surroundings, async ({ store, seals }) => {
    const records = (await store.plans()).map((record) => genuine(record, seals));
    surroundings.out(format === 'text' ? records.map(planLine).join('') || 'no plans\n' : documentOf(records, format));
    return exitCode.done;
  });
}

function genuine(record: PlanRecord, seals: Seals): PlanRecord {
  const problem = planProblem(seals, record);
  return problem === null ? record : { ...planNotice(record.plan.id, record.plan.run), reason: problem };
}

/**
 * `calico-chatops fix show`.
 * @throws ProgramError `unknown-plan`, `not-allowed` for one that this program did not make: a person would act on it
 */
export async function showFix(id: string, format: Format, surroundings: Surroundings): Promise<number> {
  return withStore(loadConfig(surroundings.environment, []), surroundings, async ({ store, seals }) => {
    const record = (await store.plan(id)) ?? unknownPlan(id);
    const problem = planProblem(seals, record);
    if (problem !== null)
      throw new ProgramError('not-allowed', `plan ${id} is not shown: ${problem}`, {
        next: 'Tell the owner of the bot, then diagnose again.',
      });
    if (format === 'text') surroundings.told(planText(record));
    else surroundings.out(documentOf(record, format));
    return exitCode.done;
  });
}

/**
 * `calico-chatops fix approve|reject|rollback`. Approving applies here, and waits for the verify.
 * @returns 0 verified, rejected, rolled back as asked, or superseded; 1 for every other end
 * @throws ProgramError `unknown-plan`, `wrong-state`
 */
export async function decideFix(
  action: 'approve' | 'reject' | 'rollback',
  id: string,
  as: string | null,
  surroundings: Surroundings,
): Promise<number> {
  const by = localApprover(as);
  const config = loadConfig(surroundings.environment, action === 'reject' ? [] : ['nodes']);
  return withStore(config, surroundings, async (deps) => {
    await mustHaveTheKey(deps);
    if (action === 'reject')
      return told(settled(await rejectPlan(deps, id, by.name), id, 'rejected'), ['rejected'], surroundings);
    const clusters = await connectClusters(config.clusters);
    try {
      const fixDeps: FixDeps = {
        ...deps,
        permission: onlyHere,
        ledger: createApprovalLedger(config.STATE_DIR),
        ...units,
        open: clusters.open,
      };
      if (action === 'rollback') return told(await rollBack(fixDeps, id, by), ['rolled-back'], surroundings);
      await mustBeAskedHere(deps, id);
      const decision = await approvePlan(deps, id, by);
      if (decision.decided === 'first') {
        surroundings.out(planLine({ ...decision.record, reason: 'approved once, and another person must, too' }));
        return exitCode.notApplied;
      }
      settled(decision, id, 'approved');
      return told(await applyPlan(fixDeps, id, surroundings.signal), ['verified', 'superseded'], surroundings);
    } finally {
      await clusters.close();
    }
  });
}

async function rollBack(deps: FixDeps, id: string, by: Approver): Promise<PlanRecord> {
  const decision = await approveRollback(deps, id, by);
  if (decision.decided !== 'yes') return noRollback(decision, id);
  return rollBackPlan(deps, id, decision.approval);
}

function noRollback(decision: NoDecision, id: string): never {
  if (decision.decided === 'unknown-plan') return unknownPlan(id);
  if (decision.decided === 'refused')
    throw new ProgramError('not-allowed', `plan ${id} is not rolled back: ${decision.why}`);
  const { plan, state, applied } = decision.record;
  if (!applied) throw new ProgramError('wrong-state', `plan ${id} is ${state}: nothing of it is applied`);
  throw new ProgramError(
    'wrong-state',
    plan.rollback.kind === 'none'
      ? `plan ${id} cannot be rolled back: ${plan.rollback.description}`
      : `plan ${id} is ${state}`,
  );
}

/** Who may use this command line with the key may decide; for others, their workers ask Slack. */
const onlyHere: FixDeps['permission'] = ({ via }) =>
  Promise.resolve(
    via.kind === 'cli'
      ? { allowed: true }
      : { allowed: false, why: 'it was approved in Slack, and a worker applies it', retry: true },
  );

/**
 * A second approval here would let this command line apply the plan, which cannot ask Slack about the first person.
 * @throws ProgramError `not-allowed`
 */
async function mustBeAskedHere(deps: DecideDeps, id: string): Promise<void> {
  const record = await deps.store.plan(id);
  if (record?.state !== 'proposed' || !needsTwo(deps, record.plan)) return;
  const first = await firstApproval(deps, record.plan);
  if (first?.approval.via.kind === 'slack')
    throw new ProgramError('not-allowed', `plan ${id} was approved by ${first.approval.approver} in Slack`, {
      next: 'The second person must approve it in Slack, too.',
    });
}

/** A record that is signed with another key would break the audit chain for all. */
async function mustHaveTheKey({ audit, seals }: DecideDeps): Promise<void> {
  const other = await audit.otherKey();
  if (other !== null)
    throw new ProgramError(
      'not-allowed',
      `the plans are signed with the key ${other}, and this command line has ${seals.keyId}: set ` +
        'APPROVAL_KEY_FILE to the file that the bot uses',
    );
}

/**
 * @throws ProgramError when somebody else decided before. An approval that came too late is no error: it ends expired.
 */
function settled(decision: Decision, id: string, done: 'approved' | 'rejected'): PlanRecord {
  if (decision.decided === 'unknown-plan') return unknownPlan(id);
  if (decision.decided === 'refused')
    throw new ProgramError('not-allowed', `plan ${id} is not ${done}: ${decision.why}`);
  const { record } = decision;
  if (decision.decided === 'taken' && record.state !== 'expired')
    throw new ProgramError('wrong-state', `plan ${id} is ${record.state} already`);
  return record;
}

function told(record: PlanRecord, good: readonly PlanState[], { out }: Surroundings): number {
  out(planLine(record));
  return good.includes(record.state) ? exitCode.done : exitCode.notApplied;
}

function unknownPlan(id: string): never {
  throw new ProgramError('unknown-plan', `unknown plan ${quoted(id)}`);
}

async function withStore(
  config: Config,
  { err }: Surroundings,
  use: (deps: DecideDeps) => Promise<number>,
): Promise<number> {
  const log = createLog();
  const opened = await openAnsweringStore(config, {
    line: (text) => err(line`${text}\n`),
    audit: (record) => log.audit(record),
  });
  try {
    const warn = (what: string, error: unknown) => err(line`warning: ${what}: ${describeError(error).message}\n`);
    const { store, audit, seals } = opened;
    const telling = { store, clock: createClock(), queues: null, warn };
    const { APPROVE_OWN: approveOwn, FIXES_PER_HOUR: fixesPerHour } = config;
    const deciding = { approveOwn, fixesPerHour, twoFrom: twoApproversFrom(config) };
    return await use({ ...telling, tell: teller(telling), audit, seals, ...deciding });
  } finally {
    await opened.close();
  }
}
