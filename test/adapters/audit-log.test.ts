import { Redis } from 'ioredis';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createAuditHeads } from '../../src/adapters/audit-heads.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import type { AuditLog, AuditRecord } from '../../src/model/audit.ts';
import { startTestRedis } from '../support/redis.ts';
import { auditOn, memoryHeads, otherSeals } from '../support/signing.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let attacker: Redis;
let folder: string;
let prefix: string;
let audit: AuditLog;
const opened: AuditLog[] = [];
let number = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  attacker = new Redis(redisOptions(redis.address));
});
afterAll(async () => {
  attacker.disconnect();
  await redis.stop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-audit-'));
  prefix = `audit-${(number += 1)}`;
  audit = open({ heads: createAuditHeads(folder) });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await rm(folder, { recursive: true });
});

function open(options: Parameters<typeof auditOn>[1] = {}): AuditLog {
  const one = auditOn(redis.address, { prefix, ...options });
  opened.push(one);
  return one;
}
async function add(count: number, to = audit): Promise<void> {
  for (const index of Array(count).keys()) await to.append({ what: 'test', index });
}
const list = () => `${prefix}:audit-chain`;
const end = () => `${prefix}:audit-chain-end`;
const texts = () => attacker.lrange(list(), 0, -1);
async function rewrite(change: (lines: string[]) => readonly string[]): Promise<void> {
  const lines = change(await texts());
  await attacker.del(list());
  if (lines.length > 0) await attacker.rpush(list(), ...lines);
}
const broken = async (of = audit) => (await of.verify()).broken;

test('records that two processes of a machine add at the same time form one whole chain', async () => {
  const other = open({ heads: createAuditHeads(folder) });
  await Promise.all([...Array(30).keys()].map((index) => (index % 2 === 0 ? audit : other).append({ index })));
  const trail = await audit.trail();
  expect(trail.map(({ record }) => Number(record['index'])).toSorted((a, b) => a - b)).toEqual([...Array(30).keys()]);
  expect(await audit.verify()).toEqual({ records: 30, first: 1, last: 30, trimmedTo: null, head: 30, broken: null });
  expect(await readdir(join(folder, 'audit-heads'))).toEqual(['000000000030']);
});

test('every record is handed on as it is kept', async () => {
  const handed: AuditRecord[] = [];
  await open({ onRecord: (record) => handed.push(record) }).append({
    what: 'plan approved',
    by: 'bob',
    nothing: undefined,
  });
  expect(handed).toEqual(await audit.trail());
  expect(handed[0]?.record).toEqual({ what: 'plan approved', by: 'bob' });
});

test.each<[string, number, RegExp, (lines: string[]) => readonly string[]]>([
  [
    'an edited record',
    3,
    /changed after it was signed/,
    (lines) => lines.map((line, index) => (index === 2 ? line.replace('"index":2', '"index":7') : line)),
  ],
  ['a record removed at the beginning', 1, /missing/, (lines) => lines.slice(1)],
  ['a record removed in the middle', 4, /missing: record 5 stands in its place/, (lines) => lines.toSpliced(3, 1)],
  [
    'a record removed at the end',
    6,
    /the chain ends before it, and this machine wrote up to record 6/,
    (lines) => lines.slice(0, -1),
  ],
  ['the whole list removed', 1, /the chain ends before it/, () => []],
  [
    'records in another order',
    2,
    /record 3 stands in its place|is missing/,
    (lines) => [lines[0]!, lines[2]!, lines[1]!, ...lines.slice(3)],
  ],
  ['a record twice', 3, /record 2 stands in its place/, (lines) => lines.toSpliced(2, 0, lines[1]!)],
  ['text that is no record', 2, /cannot be read/, (lines) => lines.with(1, 'no record')],
  [
    'a record of another form',
    2,
    /cannot be read/,
    (lines) => lines.with(1, JSON.stringify({ ...JSON.parse(lines[1]!), version: 9 })),
  ],
])('%s is found', async (_, first, why, change) => {
  await add(6);
  expect(await broken()).toBeNull();
  await rewrite(change);
  expect(await broken()).toEqual({ number: first, why: expect.stringMatching(why) });
});

test('a chain whose every key was deleted is found', async () => {
  await add(3);
  await attacker.del(list(), end());
  expect(await broken()).toEqual({ number: 1, why: expect.stringContaining('this machine wrote up to record 3') });
});

test.each<[string, () => Promise<unknown>]>([
  ['the end was removed', () => attacker.rpop(list())],
  [
    'the end was removed, and what Redis calls the end put back',
    async () => {
      const last = JSON.parse((await texts()).at(-2)!) as AuditRecord;
      await attacker.rpop(list());
      await attacker.set(end(), `${last.number} ${last.seal}`);
    },
  ],
  ['everything was deleted', () => attacker.del(list(), end())],
])('records that are added after %s do not cover it up', async (_, attack) => {
  await add(4);
  await attack();
  await add(3);
  expect(await audit.verify()).toMatchObject({ last: 7, head: 7, broken: { number: expect.any(Number) } });
});

test('what another machine adds after a removal does not cover it up', async () => {
  const elsewhere = open({ heads: memoryHeads() });
  await add(1, elsewhere);
  await add(2);
  const first = JSON.parse((await texts())[0]!) as AuditRecord;
  await attacker.ltrim(list(), 0, 0);
  await attacker.set(end(), `${first.number} ${first.seal}`);
  await add(3, elsewhere);
  expect(await broken(elsewhere)).toBeNull();
  expect(await broken()).toEqual({ number: 3, why: 'it is not the record that this machine wrote' });
  await add(1);
  expect(await broken()).toEqual({ number: 5, why: 'it does not follow the record before it' });
});

test('an older state of Redis that is put back is found', async () => {
  await add(2);
  const [lines, before] = [await texts(), await attacker.get(end())];
  await add(2);
  await rewrite(() => lines);
  await attacker.set(end(), before!);
  expect(await broken()).toEqual({ number: 3, why: expect.stringContaining('wrote up to record 4') });
});

const away = () => Promise.reject(new Error('no space left on device'));

test('a record is added and told although this machine cannot note it', async () => {
  const errors: string[] = [];
  const full = open({ heads: { newest: away, keep: away }, onError: (error) => errors.push(error.message) });
  await add(2, full);
  expect(await audit.verify()).toMatchObject({ records: 2, broken: null });
  expect(new Set(errors)).toEqual(new Set(['the newest audit record of this machine cannot be noted in STATE_DIR']));
});

test('another key is said as what it is', async () => {
  await add(2);
  const other = open({ seals: otherSeals });
  expect(await broken(other)).toEqual({
    number: 1,
    why: expect.stringMatching(
      /^it is signed with another key \([0-9a-f]{8}, mine is [0-9a-f]{8}\).*APPROVAL_KEY_FILE/,
    ),
  });
  expect(await other.otherKey()).toMatch(/^[0-9a-f]{8}$/);
  expect(await audit.otherKey()).toBeNull();
});

test('a record that was signed for something else is none', async () => {
  await add(1);
  const forged = JSON.parse((await texts())[0]!) as AuditRecord;
  const { seal: _seal, ...link } = forged;
  await rewrite(() => [
    JSON.stringify({
      ...link,
      seal: otherSeals.seal('audit', link).replace(otherSeals.keyId, forged.seal.split('.')[1]!),
    }),
  ]);
  expect(await broken()).toEqual({ number: 1, why: 'it was changed after it was signed' });
});

test('a machine that wrote nothing says that it cannot see the end', async () => {
  await add(2);
  expect(await open({ heads: memoryHeads() }).verify()).toMatchObject({ head: null, broken: null });
});

test('the list stays short behind a signed checkpoint, whoever adds, and stays verifiable', async () => {
  const heads = createAuditHeads(folder);
  const two = [open({ heads, most: 40 }), open({ heads, most: 40 })];
  await Promise.all([...Array(130).keys()].map((index) => two[index % 2]!.append({ index })));
  const report = await audit.verify();
  expect(report).toMatchObject({ last: 130, head: 130, broken: null });
  expect(report.records).toBeLessThanOrEqual(60);
  expect(report.trimmedTo).toBe(report.first! - 1);
});

test.each<[string, RegExp, (checkpoint: Record<string, unknown>) => string | null]>([
  ['moved', /the checkpoint was changed/, (checkpoint) => JSON.stringify({ ...checkpoint, number: 30 })],
  ['unreadable', /cannot be read/, () => 'no checkpoint'],
  ['removed', /missing/, () => null],
])('a checkpoint that was %s is found', async (_, why, change) => {
  await add(60, open({ heads: createAuditHeads(folder), most: 40 }));
  const key = `${prefix}:audit-chain-checkpoint`;
  const changed = change(JSON.parse((await attacker.get(key))!));
  if (changed === null) await attacker.del(key);
  else await attacker.set(key, changed);
  expect(await broken()).toEqual({ number: expect.any(Number), why: expect.stringMatching(why) });
});

test('a broken chain is not made shorter', async () => {
  const writer = open({ heads: createAuditHeads(folder), most: 20 });
  await add(15, writer);
  await rewrite((lines) => lines.toSpliced(3, 1));
  await add(20, writer);
  expect(await audit.verify()).toMatchObject({ records: 34, trimmedTo: null, broken: { number: 4 } });
});
