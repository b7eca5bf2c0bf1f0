/** A run that no worker takes up again has an end, so that nobody waits for it. */
import { expect, test } from '@jest/globals';
import { jobHandlers } from '../../src/jobs/worker.ts';
import { StoreUnreachable } from '../../src/model/runs.ts';
import { runDiagnosis } from '../../src/runs/run-diagnosis.ts';
import { noQuestions } from '../support/no-questions.ts';
import { deps, request, store, types } from './one-run.ts';

const abandon = (error: Error | null) => {
  const handlers = jobHandlers({ ...deps, ...noQuestions, followUpMinutes: [], notify: async () => undefined });
  return handlers.diagnose.abandoned?.({ kind: 'diagnosis', ...request }, { id: request.run, error });
};
const end = async () => (await store.events(request.run)).at(-1);

test('its worker ended each time: it failed, and says what to do', async () => {
  await store.append(request.run, (await begun())[0]!);
  await abandon(null);
  expect(await end()).toMatchObject({
    type: 'failed',
    code: 'worker-ended',
    message: 'the worker ended each time it diagnosed this',
    next: expect.stringMatching(/^Diagnose again\. /),
  });
  await abandon(null);
  expect(await types()).toEqual(['started', 'failed']);
});

test('Redis was away until the last attempt: it failed, and says why', async () => {
  await abandon(new StoreUnreachable('no answer'));
  expect(await types()).toEqual(['started', 'failed']);
  expect(await end()).toMatchObject({ code: 'store-unreachable' });
});

test('one that has its verdict keeps it', async () => {
  await runDiagnosis(deps, request);
  const before = await types();
  await abandon(null);
  expect(await types()).toEqual(before);
});

async function begun() {
  const other = { ...request, run: `${request.run}-begun` };
  await runDiagnosis(deps, other);
  return store.events(other.run);
}
