import { Redis } from 'ioredis';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readApprovalKey } from '../../src/adapters/approval-key.ts';
import { createAuditHeads } from '../../src/adapters/audit-heads.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { startOwnRedis, type OwnRedis } from '../../src/adapters/redis-server.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import type { AuditLog } from '../../src/model/audit.ts';
import type { Seals } from '../../src/model/seal.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { auditOn, proposed } from '../support/signing.ts';
import { program } from './program.ts';

const [list, end] = ['calico-chatops:audit-chain', 'calico-chatops:audit-chain-end'];
let folder: string;
let redis: OwnRedis;
let attacker: Redis;
let seals: Seals;
let audit: AuditLog;
let store: RunStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-audit-cli-'));
  redis = await startOwnRedis(folder, () => undefined);
  attacker = new Redis(redisOptions(redis.address));
  seals = await readApprovalKey(null, folder);
  store = createRunStore({ address: redis.address, onError: () => undefined });
});
afterAll(async () => {
  attacker.disconnect();
  await audit.close();
  await store.close();
  await redis.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});
/** A fresh chain of three records. */
beforeEach(async () => {
  await audit?.close();
  await attacker.del(list, end);
  await rm(join(folder, 'audit-heads'), { recursive: true, force: true });
  audit = auditOn(redis.address, { seals, heads: createAuditHeads(folder) });
  for (const what of ['plan proposed', 'plan approved', 'plan verified']) await audit.append({ what });
});
const run = (argv: readonly string[], more: Record<string, string> = {}) =>
  program(argv, { STATE_DIR: folder, ...more });

test('a whole chain: exit 0', async () => {
  expect(await run(['audit', 'verify'])).toMatchObject({ exit: 0, out: 'ok: 3 records, 1 to 3\n' });
  const { exit, out } = await run(['audit', 'verify', '--json']);
  expect([exit, JSON.parse(out)]).toEqual([
    0,
    {
      schema: 'calico-chatops/audit/v1',
      ok: true,
      records: 3,
      first: 1,
      last: 3,
      trimmedTo: null,
      head: 3,
      broken: null,
    },
  ]);
});

test('a broken chain: exit 1, with the first broken record', async () => {
  const second = (await attacker.lindex(list, 1))!;
  await attacker.lset(list, 1, second.replace('plan approved', 'plan rejected'));
  expect(await run(['audit', 'verify'])).toMatchObject({
    exit: 1,
    out: 'BROKEN: record 2: it was changed after it was signed\n',
  });
  const { exit, out } = await run(['audit', 'verify', '--json']);
  expect([exit, JSON.parse(out)]).toMatchObject([
    1,
    { ok: false, broken: { number: 2, why: 'it was changed after it was signed' } },
  ]);
});

test('a chain that was deleted: exit 1', async () => {
  await attacker.del(list, end);
  expect(await run(['audit', 'verify'])).toMatchObject({
    exit: 1,
    out: expect.stringContaining('BROKEN: record 1: it is missing'),
  });
});

test.each([[['audit']], [['audit', 'verify', 'x']], [['audit', 'verfy']]])('%j: exit 3', async (argv) => {
  expect((await run(argv)).exit).toBe(3);
});

test('a key that cannot be used: exit 3, in one line', async () => {
  const path = join(folder, 'open-key');
  await writeFile(path, 'k'.repeat(40), { mode: 0o644 });
  const { exit, out, err } = await run(['audit', 'verify'], { APPROVAL_KEY_FILE: path });
  expect({ exit, out }).toEqual({ exit: 3, out: '' });
  expect(err).toContain(`APPROVAL_KEY_FILE: ${path} is open to other users (mode 0644)`);
  expect(err).toContain(`Run chmod 600 ${path}`);
});

test('doctor names a broken chain', async () => {
  const files = {
    SSH_KEY_FILE: join(folder, 'id'),
    SSH_KNOWN_HOSTS_FILE: join(folder, 'hosts'),
    KUBECONFIG: join(folder, 'kubeconfig'),
  };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  for (const path of Object.values(files))
    await writeFile(path, path === files.KUBECONFIG ? JSON.stringify(kubeconfig) : '');
  const doctor = () => run(['doctor'], { SSH_USER: 'bot', ...files });
  expect((await doctor()).out).toContain('ok   audit chain: 3 records, 1 to 3\n');
  await attacker.rpop(list);
  const { exit, out } = await doctor();
  expect(out).toContain('FAIL audit chain: record 3: it is missing');
  expect(exit).toBe(3);
});

test('a decision at the command line is one structured log line, and it is in the chain', async () => {
  await store.savePlan(proposed(samplePlan({ id: 'p-cli' }), 'U0ANN', seals));
  const { exit, err } = await run(['fix', 'reject', 'p-cli', '--as', 'carol']);
  expect(exit).toBe(0);
  const lines = err
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    expect.objectContaining({ msg: 'audit: plan rejected', audit: (await audit.trail()).at(-1) }),
  ]);
  expect(lines[0].audit.record).toMatchObject({
    what: 'plan rejected',
    plan: 'p-cli',
    by: expect.stringMatching(/^carol \(cli, uid \d+\)$/),
  });
});

test('with another key than the bot nothing is decided, and the chain stays whole', async () => {
  const path = join(folder, 'other-key');
  await writeFile(path, 'k'.repeat(40), { mode: 0o600 });
  await store.savePlan(proposed(samplePlan({ id: 'p-other' }), 'U0ANN', seals));
  const { exit, err } = await run(['fix', 'reject', 'p-other'], { APPROVAL_KEY_FILE: path });
  expect([exit, err]).toEqual([3, expect.stringContaining('set APPROVAL_KEY_FILE to the file that the bot uses')]);
  expect((await store.plan('p-other'))?.state).toBe('proposed');
  expect((await audit.verify()).broken).toBeNull();
});
