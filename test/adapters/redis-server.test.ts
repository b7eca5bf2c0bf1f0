import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { startOwnRedis } from '../../src/adapters/redis-server.ts';
import { withoutSecrets } from '../../src/model/stored-event.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const quiet = () => undefined;
const store = (address: string) => createRunStore({ address, onError: quiet });

test('what was stored is there when the server starts again over the same folder, and it says where the data is', async () => {
  const lines: string[] = [];
  const first = await startOwnRedis(folder, (line) => lines.push(line));
  const before = store(first.address);
  await before.append('r-1', withoutSecrets({ at: '2026-01-01T00:00:00.000Z', type: 'cancelled', by: 'ann' }));
  await before.close();
  await first.close();
  await expect(stat(join(folder, 'redis', 'redis.sock'))).rejects.toThrow('ENOENT');

  const second = await startOwnRedis(folder, quiet);
  const after = store(second.address);
  expect(await after.events('r-1')).toHaveLength(1);
  await after.close();
  await second.close();
  expect(lines).toEqual([expect.stringContaining(`started redis-server over ${folder}/redis`)]);
});

test('processes that start at the same time share one server, and the last to leave ends it', async () => {
  const all = await Promise.all([1, 2, 3].map(() => startOwnRedis(folder, quiet)));
  expect(all.filter(({ started }) => started)).toHaveLength(1);
  const user = store(all[0]!.address);
  expect(await user.once('x', 60)).toBe(true);
  for (const redis of all) await redis.close();
  expect(await user.once('x', 60)).toBe(false);
  await user.close();
  await all[0]!.close();
  await expect(stat(join(folder, 'redis', 'redis.sock'))).rejects.toThrow('ENOENT');
});

test('a connection that ends a moment later does not keep it', async () => {
  const redis = await startOwnRedis(folder, quiet);
  const other = new Redis({ path: redis.address.slice('unix:'.length) });
  await other.ping();
  const closing = redis.close();
  while (!String(await other.client('LIST')).includes('name=leaving')) await immediate();
  await other.quit();
  await closing;
  await expect(stat(join(folder, 'redis', 'redis.sock'))).rejects.toThrow('ENOENT');
});

test('of processes that leave at the same time, one ends it', async () => {
  const all = await Promise.all([1, 2, 3].map(() => startOwnRedis(folder, quiet)));
  await Promise.all(all.map((redis) => redis.close()));
  await expect(stat(join(folder, 'redis', 'redis.sock'))).rejects.toThrow('ENOENT');
});

test('only its own user may open it', async () => {
  const redis = await startOwnRedis(folder, quiet);
  expect((await stat(join(folder, 'redis'))).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, 'redis', 'redis.sock'))).mode & 0o077).toBe(0);
  await redis.close();
});

test('a folder whose path is too long for a socket is refused', async () => {
  await expect(startOwnRedis(join(folder, 'x'.repeat(120)), quiet)).rejects.toThrow('choose a shorter STATE_DIR');
});
