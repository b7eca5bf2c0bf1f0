/** Two people of a machine approve a fix at the command line, and it is applied. */
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import { join } from 'node:path';
import { readApprovalKey } from '../../src/adapters/approval-key.ts';
import type { Surroundings } from '../../src/cli/output.ts';
import type { Seals } from '../../src/model/seal.ts';
import { house, houseDeps, type House } from '../support/house.ts';
import { startTestStore } from '../support/redis.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { proposed } from '../support/signing.ts';

let kept: Awaited<ReturnType<typeof startTestStore>>;
let folder: string;
let seals: Seals;
let world: House;
/** Whom the system vouches for. */
let uid = 1000;

// A test has no second account of the system, and a house is no cluster that one connects to.
jest.unstable_mockModule('node:os', () => ({
  ...os,
  userInfo: () => ({ ...os.userInfo(), uid }),
}));
jest.unstable_mockModule('../../src/compose-cluster.ts', () => ({
  connectClusters: async () => ({ open: houseDeps(world, kept.store).open, close: async () => undefined }),
}));
jest.unstable_mockModule('../../src/compose-units.ts', () => ({
  get units() {
    const { probes, computed, rules, fixes } = houseDeps(world, kept.store);
    return { probes, computed, rules, fixes };
  },
}));

beforeAll(async () => {
  kept = await startTestStore();
  folder = await mkdtemp(join(os.tmpdir(), 'cc-people-'));
  seals = await readApprovalKey(null, folder);
});
afterAll(async () => {
  await kept.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  world = house();
});

async function propose(id: string): Promise<void> {
  const expiresAt = '2099-01-01T00:00:00.000Z';
  await kept.store.savePlan(proposed(samplePlan({ id, risk: 'medium', expiresAt }), 'carol', seals));
}

/** `fix approve` as the account of a number types it. */
async function approve(id: string, as: string, account: number) {
  uid = account;
  const { decideFix } = await import('../../src/cli/fix.ts');
  let out = '';
  const write = (text: string) => void (out += text);
  const surroundings: Surroundings = {
    out: write,
    told: write,
    err: () => undefined,
    progress: () => undefined,
    questions: null,
    environment: { REDIS_URL: kept.address, STATE_DIR: folder, NODES_VIA: 'agent', TWO_APPROVERS_FROM: 'medium' },
    signal: new AbortController().signal,
  };
  return { status: await decideFix('approve', id, as, surroundings), out };
}

test('the second person approves, and the fix is applied and verified', async () => {
  await propose('p-both');
  expect(await approve('p-both', 'ann', 1000)).toMatchObject({ status: 1 });
  expect(world.applied).toBe(0);
  expect(await approve('p-both', 'bert', 1001)).toEqual({
    status: 0,
    out: expect.stringMatching(/^p-both {2}verified {2}Paint the door: Verified: the door is painted/),
  });
  expect([world.applied, world.painted]).toEqual([1, true]);
  expect(await kept.store.plan('p-both')).toMatchObject({
    state: 'verified',
    first: { approval: { approver: 'ann (cli, uid 1000)' } },
    approver: 'bert (cli, uid 1001)',
  });
});

test('a second name of the first account applies nothing', async () => {
  await propose('p-same');
  await approve('p-same', 'ann', 1000);
  await expect(approve('p-same', 'bert', 1000)).rejects.toMatchObject({ code: 'not-allowed' });
  expect(world.applied).toBe(0);
});
