import { beforeEach, expect, test } from '@jest/globals';
import type { DiagnosisRequest } from '../../src/model/job-catalogue.ts';
import type { JobQueues, QueuedJob } from '../../src/model/jobs.ts';
import type { AlertDeps } from '../../src/runs/alerts.ts';
import { house, houseDeps } from '../support/house.ts';
import { delivery, receivedOf, store } from './alert-store.ts';

let added: QueuedJob[];
let several: AlertDeps;
beforeEach(() => {
  added = [];
  const queues: JobQueues = {
    add: async (job) => void (job.queue === 'diagnose' && added.push(job)),
    schedule: async () => undefined,
    unschedule: async () => undefined,
    counts: () => Promise.reject(new Error('not asked')),
    close: async () => undefined,
  };
  several = {
    ...houseDeps(house(), store),
    queues,
    warn: () => undefined,
    templates: [],
    named: { cluster: null, channel: null },
    clusters: ['east', 'west'].map((name) => ({ name, channels: [], alertChannel: `C-${name}` })),
  };
});

test('of several clusters, takes the one of the address, else of the label, else none', async () => {
  const sent = delivery();
  const labelled = {
    ...sent,
    alerts: sent.alerts.map((alert) => ({
      ...alert,
      fingerprint: 'labelled',
      labels: { ...alert.labels, pod: 'other', cluster: 'west' },
    })),
  };
  const named = { cluster: 'east', channel: null };
  await receivedOf({ ...several, named }, sent);
  await receivedOf({ ...several, named: { cluster: 'west', channel: null } }, sent);
  await receivedOf(several, labelled);
  const [lost] = await receivedOf(several, sent);
  expect(lost).toMatchObject({
    ignored: expect.stringMatching(/^there are several clusters: east, west\. To name one/),
  });
  expect(added).toMatchObject([
    { cluster: 'east', data: { target: { cluster: 'east' }, origin: { channel: 'C-east' } } },
    { cluster: 'west', data: { target: { cluster: 'west' }, origin: { channel: 'C-west' } } },
    { cluster: 'west', data: { target: { cluster: 'west' } } },
  ]);
  // The same alert of two clusters is two runs.
  expect(added[0]?.id).not.toBe(added[1]?.id);
});

test('no alert waits for one of another cluster, whose worker may be away, also in one channel', async () => {
  const one = { ...several, clusters: several.clusters.map((cluster) => ({ ...cluster, alertChannel: 'C-all' })) };
  for (const cluster of ['east', 'west', 'west'])
    await receivedOf(
      { ...one, named: { cluster, channel: null } },
      {
        ...delivery({ fingerprint: `f-${added.length}`, labels: { namespace: 'shop', pod: `api-${added.length}` } }),
        groupKey: `group ${added.length}`,
      },
    );
  const origins = added.map(({ data }) => (data as DiagnosisRequest).origin);
  expect(origins.map(({ joins }) => joins)).toEqual([null, null, added[1]?.id]);
});
