import { expect, test } from '@jest/globals';
import { createMetrics, type MetricsDeps } from '../../src/bot/metrics.ts';

const health = { at: '2026-11-26T10:00:00.000Z', blind: [{ text: 'nodes: SSH_KEY_FILE is not set', next: 'Set it' }] };

function metrics(change: Partial<MetricsDeps> = {}) {
  let asked = 0;
  let now = 0;
  const read = createMetrics({
    version: '1.2.3',
    runs: {
      workers: async () =>
        new Map([
          ['east', health],
          ['we"st', null],
        ]),
    },
    plans: { off: async () => ({ by: 'U0ALICE', at: health.at }) },
    queues: {
      counts: async () => {
        asked += 1;
        return { diagnose: { waiting: 3, active: 1 }, fix: {}, notify: { waiting: 0 } };
      },
    },
    connections: () => 2,
    clock: { now: () => new Date(now) },
    ...change,
  });
  return { read, asked: () => asked, later: (ms: number) => void (now += ms) };
}

const values = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('says how the bot stands', async () => {
  const text = await metrics().read();
  expect(values(text)).toEqual([
    'calico_chatops_info{version="1.2.3"} 1',
    'calico_chatops_slack_connections 2',
    'calico_chatops_redis_up 1',
    'calico_chatops_worker_up{cluster="east"} 1',
    'calico_chatops_worker_up{cluster="we\\"st"} 0',
    'calico_chatops_worker_limits{cluster="east"} 1',
    'calico_chatops_jobs{queue="diagnose",state="waiting"} 3',
    'calico_chatops_jobs{queue="diagnose",state="active"} 1',
    'calico_chatops_jobs{queue="notify",state="waiting"} 0',
    'calico_chatops_fixes_off 1',
  ]);
  for (const line of values(text)) expect(text).toContain(`# TYPE ${/^\w+/.exec(line)?.[0]} gauge\n`);
  expect(text.endsWith('\n')).toBe(true);
});

test('what people did, and what the worker cannot read, is only counted', async () => {
  const text = await metrics().read();
  expect(text).not.toMatch(/U0ALICE|SSH_KEY_FILE/);
});

test('Redis that does not answer is told, and hides nothing else', async () => {
  const runs = { workers: () => Promise.reject(new Error('away')) };
  expect(values(await metrics({ runs, connections: () => null }).read())).toEqual([
    'calico_chatops_info{version="1.2.3"} 1',
    'calico_chatops_redis_up 0',
  ]);
});

test('many scrapes at once ask Redis once', async () => {
  const { read, asked, later } = metrics();
  await Promise.all([read(), read(), read()]);
  expect(asked()).toBe(1);
  later(5000);
  await read();
  expect(asked()).toBe(2);
});
