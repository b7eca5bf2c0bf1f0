import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeEach, expect, test } from '@jest/globals';
import { approvePlan } from '../../src/plans/decide-plan.ts';
import { tellUntold } from '../../src/plans/tell-untold.ts';
import type { QueuedJob } from '../../src/model/jobs.ts';
import { otherSeals, person, proposed } from '../support/signing.ts';
import { address, auditedOf, deps, lastTold, plan, plant, propose, store, stored, world } from './attacked-store.ts';

let added: QueuedJob[];
let seen: Set<string>;
beforeEach(() => {
  added = [];
  seen = new Set();
});
const later = (ms: number) => void (world.now += ms);
const queues = { add: async (job: QueuedJob) => void added.push(job) } as never;
/** Plans of earlier tests are there, too. */
const mine = () => added.filter(({ data }) => (data as { plan?: string }).plan === plan.id);
const sweep = (own = true) => tellUntold({ ...deps, queues }, seen, () => own);
const told = async () => (await store.events(plan.run)).filter(({ type }) => type === 'plan').length;
/** As a program that ends between the change of the state and its telling. */
const ending = () => ({ ...deps, audit: { ...deps.audit, append: () => Promise.reject(new Error('ended')) } });
const approveAndEnd = () => expect(approvePlan(ending(), plan.id, person('bob'))).rejects.toThrow('ended');

test('what a killed program approved and did not tell is told, audited, and given to a worker', async () => {
  const file = new URL('dies-before-telling.ts', import.meta.url).pathname;
  const program = spawn(process.execPath, [file, address(), plan.id], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(program.stdout, 'data');
  program.kill('SIGKILL');
  await once(program, 'exit');
  expect(await stored()).toMatchObject({ state: 'approved' });
  expect([await told(), await auditedOf()]).toEqual([0, []]);

  later(31_000);
  await sweep();
  expect(await lastTold()).toMatchObject({ record: { state: 'approved', approver: 'bob' }, note: 'Approved by bob.' });
  expect(await auditedOf()).toMatchObject([{ what: 'plan approved, told late', approver: 'bob' }]);
  expect(mine()).toMatchObject([{ queue: 'fix', data: { plan: plan.id, action: 'apply' } }]);
});

test('it is told once, also by two workers at a time', async () => {
  await approveAndEnd();
  later(31_000);
  await Promise.all([sweep(), tellUntold({ ...deps, queues }, new Set(), () => true)]);
  await sweep();
  seen.clear();
  await sweep();
  expect(await told()).toBe(1);
});

test('what was told, and what may still be told by its program, is left', async () => {
  await approvePlan(deps, plan.id, person('bob'));
  later(31_000);
  await sweep();
  expect([await told(), (await auditedOf()).map(({ what }) => what)]).toEqual([1, ['plan approved']]);
  // Approved, and perhaps not in the queue.
  expect(mine()).toHaveLength(1);

  const before = plan;
  await store.savePlan(proposed({ ...before, id: `${before.id}-young` }));
  await approvePlan(ending(), `${before.id}-young`, person('bob')).catch(() => undefined);
  later(29_000);
  await sweep();
  expect(await told()).toBe(1);
});

test('a plan that was made and not told is offered', async () => {
  later(31_000);
  await sweep();
  expect(await lastTold()).toMatchObject({ record: { plan: { id: plan.id }, state: 'proposed' } });
});

test.each<[string, () => Promise<void>]>([
  ['that this program did not make', async () => store.savePlan(proposed(plan, 'ann', otherSeals))],
  ['whose plan was changed', () => plant({ plan: { ...plan, title: 'Paint the town' } })],
  ['that is more than a day old', async () => later(86_400_000)],
])('nothing is told of one %s', async (_, change) => {
  await change();
  later(31_000);
  await sweep();
  expect([await told(), mine()]).toEqual([0, []]);
});

test('a word that somebody else wrote into the thread does not pass for a telling', async () => {
  await approveAndEnd();
  await store.append(plan.run, {
    type: 'plan',
    at: plan.createdAt,
    record: { ...(await stored()), step: 99 },
    note: null,
    seal: 'forged',
  } as never);
  later(31_000);
  await sweep();
  expect(await told()).toBe(2);
  expect(await lastTold()).toMatchObject({ note: 'Approved by bob.' });
});

test('plans of clusters of other workers are theirs', async () => {
  await propose();
  later(31_000);
  await sweep(false);
  expect(await told()).toBe(0);
});

test('what was found to be told is remembered for as long as it could be looked at', async () => {
  await approvePlan(deps, plan.id, person('bob'));
  later(31_000);
  await sweep();
  expect([...seen].filter((key) => key.startsWith(`${plan.id}.`))).toHaveLength(1);
  later(86_400_000);
  await sweep();
  expect([...seen]).toEqual([]);
});
