import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readApprovalKey } from '../../src/adapters/approval-key.ts';
import { createApprovalLedger } from '../../src/adapters/approval-ledger.ts';
import { createSeals, sealProblem } from '../../src/model/seal.ts';
import { otherSeals, testSeals } from '../support/signing.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-key-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the key file', () => {
  test('is made once, for its user alone, by processes that start at the same time', async () => {
    const all = await Promise.all([...Array(8).keys()].map(() => readApprovalKey(null, join(folder, 'state'))));
    expect(new Set(all.map(({ keyId }) => keyId)).size).toBe(1);
    expect(await readdir(join(folder, 'state'))).toEqual(['approval.key']);
    expect((await stat(join(folder, 'state', 'approval.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700);
    const sealed = all[0]!.seal('plan', { a: 1 });
    expect((await readApprovalKey(null, join(folder, 'state'))).check('plan', { a: 1 }, sealed)).toBe('holds');
    expect((await readApprovalKey(null, join(folder, 'elsewhere'))).check('plan', { a: 1 }, sealed)).toBe('other-key');
  });

  test('that is named is read, and the white space around the key does not count', async () => {
    const path = join(folder, 'key');
    await writeFile(path, 'k'.repeat(32), { mode: 0o600 });
    const { keyId } = await readApprovalKey(path, folder);
    await writeFile(path, `\n${'k'.repeat(32)}\r\n`);
    expect((await readApprovalKey(path, folder)).keyId).toBe(keyId);
    expect(await readdir(folder)).toEqual(['key']);
  });

  test('of bytes that are not text is read as it is', async () => {
    const path = join(folder, 'bytes');
    await writeFile(path, Buffer.alloc(32, 0xfe), { mode: 0o600 });
    expect((await readApprovalKey(path, folder)).keyId).toBe(createSeals(Buffer.alloc(32, 0xfe)).keyId);
  });

  test('that is a pipe is refused without waiting for its writer', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', ['-m', '600', path]);
    await expect(readApprovalKey(path, folder)).rejects.toThrow(`${path}: not a regular file`);
  });

  test.each([
    ['short', `${'k'.repeat(31)}\n`, 0o600, 'holds 31 bytes: a key has at least 32'],
    ['empty', '', 0o600, 'holds 0 bytes'],
    ['readable by others', 'k'.repeat(32), 0o604, 'open to other users (mode 0604)'],
    ['writable by the group', 'k'.repeat(32), 0o620, 'open to other users (mode 0620)'],
  ])('that is %s is refused', async (_, content, mode, why) => {
    const path = join(folder, 'key');
    await writeFile(path, content);
    await chmod(path, mode);
    await expect(readApprovalKey(path, folder)).rejects.toThrow(why);
  });

  test('that is not there is refused, and not made', async () => {
    await expect(readApprovalKey(join(folder, 'none'), folder)).rejects.toThrow('ENOENT');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a seal', () => {
  test('holds for equal data, in whatever order', () => {
    expect(
      testSeals.check('plan', { b: [{ d: 1, c: 2 }], a: undefined }, testSeals.seal('plan', { b: [{ c: 2, d: 1 }] })),
    ).toBe('holds');
  });
  test.each([
    ['other data', 'altered', (seal: string) => testSeals.check('plan', { a: 2 }, seal)],
    ['another purpose', 'altered', (seal: string) => testSeals.check('approval', { a: 1 }, seal)],
    ['another key', 'other-key', (seal: string) => otherSeals.check('plan', { a: 1 }, seal)],
    [
      'another key in the name of this one',
      'altered',
      (seal: string) => otherSeals.check('plan', { a: 1 }, seal.replace(testSeals.keyId, otherSeals.keyId)),
    ],
    ['a part of it', 'altered', (seal: string) => testSeals.check('plan', { a: 1 }, seal.slice(0, -1))],
    ['no MAC', 'altered', (seal: string) => testSeals.check('plan', { a: 1 }, seal.split('.').slice(0, 2).join('.'))],
    ['another version', 'other-version', (seal: string) => testSeals.check('plan', { a: 1 }, seal.replace('v1', 'v0'))],
    ['nothing', 'missing', () => testSeals.check('plan', { a: 1 }, null)],
  ] as const)('does not hold for %s', (_, state, check) => {
    const result = check(testSeals.seal('plan', { a: 1 }));
    expect(result).toBe(state);
    expect(sealProblem(state, 'v1.00000000.x', testSeals)).toMatch(/^(?:is|was) /);
  });
  test('does not tell the key', () => {
    expect(testSeals.seal('plan', {})).not.toContain(Buffer.alloc(32, 7).toString('base64url').slice(0, 20));
    expect(testSeals.keyId).not.toBe(Buffer.alloc(4, 7).toString('hex'));
  });
  test('needs 32 bytes of key', () => {
    expect(() => createSeals(Buffer.alloc(31))).toThrow('at least 32');
  });
});

test('an approval is used once, whoever asks, and old notes are removed', async () => {
  const ledgers = [createApprovalLedger(folder), createApprovalLedger(folder)];
  const answers = await Promise.all([...Array(10).keys()].map((index) => ledgers[index % 2]!.spend('a-1')));
  expect(answers.filter(Boolean)).toHaveLength(1);
  const { utimes } = await import('node:fs/promises');
  await utimes(join(folder, 'used-approvals', 'a-1'), 1, 1);
  expect(await ledgers[0]!.spend('a-2')).toBe(true);
  expect(await readdir(join(folder, 'used-approvals'))).toEqual(['a-2']);
  await expect(ledgers[0]!.spend('../a-3')).rejects.toThrow('not an id');
});
