/** Plans that two people must approve, at the command line and with the configuration as an operator writes it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readApprovalKey } from '../../src/adapters/approval-key.ts';
import { createClock } from '../../src/adapters/clock.ts';
import { decideFix } from '../../src/cli/fix.ts';
import type { Seals } from '../../src/model/seal.ts';
import { keepFirstApproval } from '../../src/plans/two-approvers.ts';
import { kubeconfigAt } from '../support/kubeconfig.ts';
import { startTestStore } from '../support/redis.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { person, proposed } from '../support/signing.ts';

let kept: Awaited<ReturnType<typeof startTestStore>>;
let folder: string;
let seals: Seals;

beforeAll(async () => {
  kept = await startTestStore();
  folder = await mkdtemp(join(tmpdir(), 'cc-two-'));
  seals = await readApprovalKey(null, folder);
  // Nothing listens there: what is not applied asks no cluster.
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfigAt(1)));
});
afterAll(async () => {
  await kept.stop();
  await rm(folder, { recursive: true, force: true });
});

async function propose(id: string) {
  const plan = samplePlan({ id, risk: 'medium', expiresAt: '2099-01-01T00:00:00.000Z' });
  await kept.store.savePlan(proposed(plan, 'U0CAROL', seals));
  return plan;
}

/** `fix approve` as a person types it. */
async function approve(id: string, as: string): Promise<{ readonly status: number; readonly out: string }> {
  let out = '';
  const write = (text: string) => void (out += text);
  const status = await decideFix('approve', id, as, {
    out: write,
    told: write,
    err: () => undefined,
    progress: () => undefined,
    questions: null,
    environment: {
      REDIS_URL: kept.address,
      STATE_DIR: folder,
      KUBECONFIG: join(folder, 'kubeconfig'),
      NODES_VIA: 'agent',
      TWO_APPROVERS_FROM: 'medium',
    },
    signal: new AbortController().signal,
  });
  return { status, out };
}

test('the first of two is kept, says that another must, and applies nothing', async () => {
  await propose('p-first');
  expect(await approve('p-first', 'ann')).toEqual({
    status: 1,
    out: 'p-first  proposed  Paint the door: approved once, and another person must, too\n',
  });
  const record = await kept.store.plan('p-first');
  expect(record).toMatchObject({ state: 'proposed', approver: null });
  expect(record?.first?.approval.approver).toMatch(/^ann \(cli, uid \d+\)$/);
});

test('another name of the same account is not another person', async () => {
  await propose('p-twice');
  await approve('p-twice', 'ann');
  await expect(approve('p-twice', 'bert')).rejects.toMatchObject({
    code: 'not-allowed',
    message: 'plan p-twice is not approved: you approved it already, and another person must, too',
  });
  expect((await kept.store.plan('p-twice'))?.state).toBe('proposed');
});

test('where the first one approved in Slack, the second one is sent there', async () => {
  const plan = await propose('p-slack');
  await keepFirstApproval({ store: kept.store, seals, clock: createClock() }, plan, person('U0ALICE'));
  await expect(approve('p-slack', 'ann')).rejects.toMatchObject({
    code: 'not-allowed',
    message: 'plan p-slack was approved by U0ALICE in Slack',
    next: 'The second person must approve it in Slack, too.',
  });
  expect((await kept.store.plan('p-slack'))?.state).toBe('proposed');
});
