/** When a fix waits, those who may decide are called, once, unless nobody needs them. */
import { beforeEach, expect, test } from '@jest/globals';
import { parseQuietHours } from '../../src/model/attention.ts';
import type { RunOrigin } from '../../src/model/runs.ts';
import { callApprovers, type CallApproversDeps } from '../../src/plans/call-approvers.ts';
import { runDiagnosis } from '../../src/runs/run-diagnosis.ts';
import { sampleAlert } from '../bot/sample-run.ts';
import { deps, request, store, takeUp, world } from '../runs/one-run.ts';

const asked: RunOrigin = { kind: 'command', channel: 'C0ONCALL', thread: null, joins: null };
const approvers = ['S0PLATFORM', 'U0ALICE'];
let calling: CallApproversDeps;
let number = 0;

beforeEach(() => {
  // A street of its own: the same fix of the same cluster is called for once.
  number += 1;
  takeUp({
    ...request,
    requester: 'U0CAROL',
    origin: asked,
    target: { ...request.target, cluster: `street-${number}` },
  });
  calling = {
    ...deps,
    approveOwn: true,
    permission: async ({ name }) =>
      name === 'U0ALICE' ? { allowed: true } : { allowed: false, why: 'only others may', retry: false },
    approversOf: async () => approvers,
    quiet: null,
  };
});

/** Diagnoses, and calls as a worker does. */
async function diagnose(change: Partial<CallApproversDeps> = {}): Promise<void> {
  await runDiagnosis(deps, request);
  await callApprovers({ ...calling, ...change }, request.run);
}
const calls = async () => (await store.events(request.run)).filter(({ type }) => type === 'approval-wanted');

test('for a person who may not approve they are called once, also when the job comes again', async () => {
  await diagnose();
  await callApprovers(calling, request.run);
  expect(await calls()).toMatchObject([{ by: 'calico-chatops', approvers, plan: expect.stringMatching(/^p-/) }]);
});

test('another diagnosis that offers the same fix calls nobody', async () => {
  await diagnose();
  takeUp({ ...request, run: `${request.run}-again` });
  await diagnose();
  expect(await calls()).toEqual([]);
});

test('a person who may approve it alone is enough, and one who may not is not', async () => {
  takeUp({ ...request, requester: 'U0ALICE' });
  await diagnose();
  expect(await calls()).toEqual([]);
  await callApprovers({ ...calling, approveOwn: false }, request.run);
  expect(await calls()).toHaveLength(1);
});

test('where two people must approve, the others are called', async () => {
  takeUp({ ...request, requester: 'U0ALICE' });
  await diagnose({ twoFrom: () => 'low' });
  expect(await calls()).toHaveLength(1);
});

test('nobody is called where no fix waits, nobody may approve, or nobody reads it in Slack', async () => {
  await diagnose({ approversOf: async () => [] });
  takeUp({ ...request, run: `${request.run}-cli`, origin: { ...asked, kind: 'cli' } });
  await diagnose();
  expect(await calls()).toEqual([]);
  world.painted = true;
  takeUp({ ...request, run: `${request.run}-well`, origin: asked });
  await diagnose();
  expect(await calls()).toEqual([]);
});

test.each([
  ['warning', 0],
  ['critical', 1],
])('in quiet hours an alert of severity %s calls %d times', async (severity, times) => {
  takeUp({ ...request, requester: 'alertmanager', alert: { ...sampleAlert, severity } });
  await diagnose({ quiet: parseQuietHours('00:00-23:59') });
  expect(await calls()).toHaveLength(times);
});
