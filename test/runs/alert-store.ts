/** What tests of alerts share: a store in a Redis of their own, and deliveries as Alertmanager posts them. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { receiveAlerts } from '../../src/runs/alerts.ts';
import type { RunEvent, RunStore } from '../../src/model/runs.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { startTestRedis } from '../support/redis.ts';

export let own: Awaited<ReturnType<typeof startTestRedis>>;
export let store: RunStore;
export let number = 0;
/** A payload as Alertmanager posts it, with a fingerprint of this test's own. */
export const delivery = (change: object = {}, status: 'firing' | 'resolved' = 'firing') => ({
  version: '4',
  groupKey: '{}:{alertname="PodUnreachable"}',
  truncatedAlerts: 0,
  status,
  receiver: 'calico-chatops',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager',
  alerts: [
    {
      status,
      labels: { alertname: 'PodUnreachable', namespace: 'default', pod: 'mypod', port: '8080' },
      annotations: { summary: 'mypod does not answer' },
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: '',
      fingerprint: `print-${number}`,
      ...change,
    },
  ],
});

export const receivedOf = async (...given: Parameters<typeof receiveAlerts>) => (await receiveAlerts(...given)).alerts;
export const followUps = async (run: string) =>
  (await store.events(run)).flatMap((event: RunEvent) => (event.type === 'follow-up' ? [event] : []));

beforeAll(async () => {
  own = await startTestRedis();
});

afterAll(() => own.stop());

/** Each test has a store of its own: alerts that are open in one would hold those of the next. */
beforeEach(() => {
  number += 1;
  store = createRunStore({
    address: own.address,
    prefix: `alerts-${number}`,
    onError: (error) => {
      throw error;
    },
  });
});

afterEach(() => store.close());
