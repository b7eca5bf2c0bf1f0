/** `serve` while its Redis is stopped: it takes connections, and answers nothing. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { until } from '../../tools/lab/run.ts';
import { isAlive, startServe, startSurroundings, type Surroundings } from './served-program.ts';

let around: Surroundings;
let redis: number;
beforeAll(async () => {
  around = await startSurroundings();
  const client = new Redis(redisOptions(around.redis.address));
  redis = Number(/^process_id:(\d+)/m.exec(await client.info('server'))?.[1]);
  await client.quit();
}, 60_000);
afterAll(async () => {
  process.kill(redis, 'SIGCONT');
  await around.stop();
}, 60_000);

const command = (text: string) =>
  around.workspace.command({ user: 'carol', channel: 'oncall', text: `/calico ${text}` });

test('everybody is told, what comes back is used again, and the program ends when it is asked to', async () => {
  const program = await startServe(around, { mode: 'socket', environment: { STATE_DIR: `${around.folder}/state` } });
  const worker = await until('a worker', 20, async () => program.worker());
  const health = async () => (await fetch(`${program.url}/healthz`)).status;
  expect(await health()).toBe(200);

  process.kill(redis, 'SIGSTOP');
  expect(await health()).toBe(503);
  expect(await (await fetch(`${program.url}/metrics`)).text()).toMatch(/^calico_chatops_redis_up 0$/m);
  expect(await command('status')).toMatchObject({ acked: true });
  around.workspace.openHome('carol');
  const home = () => JSON.stringify(around.workspace.home('carol') ?? '');
  await until('the Home tab', 60, async () => (home().includes('Redis does not answer') ? true : null));
  await program.heard(/the command status could not be taken up/);

  process.kill(redis, 'SIGCONT');
  await until('health', 60, async () => ((await health()) === 200 ? true : null));
  around.workspace.openHome('carol');
  await until('the Home tab', 60, async () => (home().includes('Redis does not answer') ? null : true));

  process.kill(redis, 'SIGSTOP');
  program.process.kill('SIGTERM');
  // The worker ends by itself: one that had to be killed would have said less.
  expect(await program.ended).toBe(0);
  expect(isAlive(worker)).toBe(false);
}, 240_000);
