/** A worker that is killed in the middle of a fix, and another one that finds what it left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createJobQueues } from '../../src/adapters/queue.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import { jobHandlers } from '../../src/jobs/worker.ts';
import { applyJob, rollbackJob } from '../../src/model/job-catalogue.ts';
import type { JobQueues, JobWorkers, QueuedJob } from '../../src/model/jobs.ts';
import { applyPlan } from '../../src/plans/apply-fix.ts';
import { approveRollback, canRollBack } from '../../src/plans/decide-plan.ts';
import { until } from '../../tools/lab/run.ts';
import { noQuestions } from '../support/no-questions.ts';
import { person } from '../support/signing.ts';
import { address, approve, auditedOf, deps, lastTold, plan, stored, world } from './attacked-store.ts';
import type { Place } from './dies-in-a-fix.ts';

const lockMs = 1200;
let queues: JobQueues;
let next: JobWorkers | null = null;
const quiet = () => undefined;
beforeEach(() => void (queues = createJobQueues({ address: address(), onError: quiet })));
afterEach(async () => {
  await next?.stop(5000);
  next = null;
  await queues.close();
});

/** Lets a worker take the job, kills it at that place, and starts another one. */
async function kill(job: QueuedJob, place: Place): Promise<void> {
  const file = new URL('dies-in-a-fix.ts', import.meta.url).pathname;
  const program = spawn(process.execPath, [file, address(), String(lockMs), place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await queues.add(job);
  await once(program.stdout, 'data');
  program.kill('SIGKILL');
  await once(program, 'exit');
  const handlers = jobHandlers({ ...deps, ...noQuestions, followUpMinutes: [], notify: async () => undefined });
  next = startJobWorkers(handlers, { address: address(), onError: quiet, lockMs });
}
const approved = async () => {
  await approve();
  return applyJob(plan, (await stored()).approval);
};
const toRollBack = async () => {
  const decision = await approveRollback(deps, plan.id, person('bob'));
  if (decision.decided !== 'yes') throw new Error(decision.decided);
  return rollbackJob(plan, decision.approval);
};
const toldIn = (pattern: RegExp) =>
  until(`${pattern}`, 30, async () => {
    const told = await lastTold();
    return told?.type === 'plan' && pattern.test(told.note ?? '') ? told : null;
  });

test.each<[Place, string, RegExp, boolean]>([
  ['before', 'proposed', /^Not applied: .*Nothing was changed\. Approve it again/, false],
  ['write', 'failed', /may be applied or not, and is not repeated: diagnose again/, false],
  ['settle', 'failed', /^Not verified: .*The fix is applied: diagnose again, or roll it back/, true],
  ['verify', 'failed', /^Not verified: .*The fix is applied: diagnose again, or roll it back/, true],
  ['undo', 'failed', /ended while it rolled back.*applied or not: roll it back again/, true],
])(
  'killed at %s: %s, told what is known, not applied again',
  async (place, state, note, isUndoable) => {
    await kill(await approved(), place);
    const told = await toldIn(note);
    const record = await stored();
    expect(told).toMatchObject({ record: { state } });
    expect([record.state, canRollBack(record), world.applied]).toEqual([state, isUndoable, 0]);
    expect((await auditedOf()).at(-1)).toMatchObject({ what: `plan ${state}`, note: expect.stringMatching(note) });
  },
  60_000,
);

test('killed before it began: the approval that it took is over, and a new one applies the fix', async () => {
  const job = await approved();
  const { approval } = await stored();
  await kill(job, 'before');
  await toldIn(/Approve it again/);
  expect(await deps.ledger.spend(approval?.approval.id ?? '')).toBe(false);
  await queues.add(await approved());
  await until('the fix', 30, async () => ((await stored()).state === 'verified' ? true : null));
  expect(world.applied).toBe(1);
}, 60_000);

test('killed when it was verified, and nobody was told: told at once, with the proof that there was', async () => {
  await kill(await approved(), 'end');
  await until('the telling', 30, async () =>
    (await auditedOf()).at(-1)?.['what'] === 'plan verified, told late' ? true : null,
  );
  expect(await lastTold()).toMatchObject({ record: { state: 'verified' } });
  expect(world.applied).toBe(0);
}, 60_000);

test('killed while a person rolls it back: nobody says that it is applied, and it is rolled back again', async () => {
  await approve();
  await applyPlan(deps, plan.id);
  await kill(await toRollBack(), 'undo');
  await toldIn(/ended while it rolled back.*Why it rolled back: approved by bob/);
  expect((await stored()).state).toBe('failed');
  await queues.add(await toRollBack());
  await until('the rollback', 30, async () => ((await stored()).state === 'rolled-back' ? true : null));
  expect(world.rolledBack).toBe(1);
}, 60_000);

test('killed before a rollback began: the person who asked for it is told, and the fix stays as it is', async () => {
  await approve();
  await applyPlan(deps, plan.id);
  await kill(await toRollBack(), 'before');
  expect(await toldIn(/^Not done \(rollback\): .*nothing was changed\. Roll it back again/)).toMatchObject({
    record: { state: 'verified' },
  });
  expect((await auditedOf()).at(-1)).toMatchObject({ what: 'rollback refused', by: 'bob' });
  expect(world.rolledBack).toBe(0);
}, 60_000);
