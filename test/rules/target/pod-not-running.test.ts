import { beforeAll, expect, test } from '@jest/globals';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { podNotRunning as rule } from '../../../src/rules/target/pod-not-running.ts';
import { blind, captured, changed, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});
const withStatus = (status: Pod['status'], metadata: Partial<Pod['metadata']> = {}) => {
  const pod = valueOf(facts, 'pod');
  return changed(facts, { pod: { ...pod, metadata: { ...pod.metadata, ...metadata }, status: { ...pod.status, ...status } } });
};

test.each([['Pending'], ['Failed'], ['Succeeded'], ['Unknown']])('fails: %s', async (phase) => {
  expect(await judged(rule, withStatus({ phase }))).toEqual(['notRunning Pod default/mypod @n1 read stops']);
});
test('fails: Running, but being deleted', async () => {
  expect(await judged(rule, withStatus({}, { deletionTimestamp: '2026-11-23T18:00:00Z' }))).toHaveLength(1);
});
test('fails: Running, but a container crash-loops', async () => {
  expect(await judged(rule, withStatus({ containerStatuses: [{ name: 'main', ready: false, restartCount: 9, state: { waiting: { reason: 'CrashLoopBackOff' } } }] }))).toHaveLength(1);
});
test('fails: no status at all yet', async () => {
  const { status: _, ...pod } = valueOf(facts, 'pod');
  expect(await judged(rule, changed(facts, { pod }))).toHaveLength(1);
});
test('passes: Running, also right after a restart', async () => {
  expect(await judged(rule, facts)).toBe('pass');
  expect(await judged(rule, withStatus({ containerStatuses: [{ name: 'main', ready: true, restartCount: 1, state: { running: {} } }] }))).toBe('pass');
});
test('inconclusive: nobody could say', async () => {
  expect(await judged(rule, blind(facts, ['pod'], 'api-unreachable'))).toBe('inconclusive');
});
