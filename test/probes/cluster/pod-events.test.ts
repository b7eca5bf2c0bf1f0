import { describe, expect, test } from '@jest/globals';
import type { KubernetesEvent, Pod } from '../../../src/model/kubernetes.ts';
import { podEvents } from '../../../src/probes/cluster/pod-events.ts';
import { aPod, codeOf, probing } from '../scripted.ts';

const waiting: Pod = { ...aPod, metadata: { ...aPod.metadata, uid: 'u-1' }, status: { phase: 'Pending' } };
const said: KubernetesEvent = {
  metadata: { name: 'p.1', namespace: 'default' },
  involvedObject: { kind: 'Pod', name: 'p', uid: 'u-1' },
  reason: 'FailedCreatePodSandBox',
  message: 'failed\nto set up\u001b[2J',
  source: { component: 'kubelet', host: 'n1' },
  lastTimestamp: '2026-11-23T18:00:00Z',
  count: 4,
};
const look = async (events: unknown, pod: Pod = waiting) =>
  probing(podEvents, { api: { 'list Event': events }, facts: { pod } }).fact('pod-events');

test('one line each, the oldest first, however their times are told', async () => {
  const fact = await look([
    { ...said, lastTimestamp: null, series: { count: 9, lastObservedTime: '2026-11-23T18:05:00.000000Z' } },
    { ...said, lastTimestamp: null, eventTime: '2026-11-23T18:02:00.000000Z', message: 'x'.repeat(5000) },
    said,
  ]);
  expect(fact.status === 'observed' && fact.value.map(({ at, count, message }) => [at, count, message.length])).toEqual(
    [
      ['2026-11-23T18:00:00Z', 4, 23],
      ['2026-11-23T18:02:00.000000Z', 4, 1000],
      ['2026-11-23T18:05:00.000000Z', 9, 23],
    ],
  );
  expect(fact.status === 'observed' && fact.value[0]?.message).toBe('failed↵to set up\\x1b[2J');
});

test('a kubelet of newer versions names itself otherwise', async () => {
  const { source: _, ...rest } = said;
  const fact = await look([{ ...rest, reportingComponent: 'kubelet', reportingInstance: 'n1' }]);
  expect(fact.status === 'observed' && fact.value).toHaveLength(1);
});

describe('what is not of the kubelet of this node, of this very pod, is not read', () => {
  test.each<[string, Partial<KubernetesEvent>]>([
    ['a former pod of the name', { involvedObject: { kind: 'Pod', name: 'p', uid: 'u-0' } }],
    ['a pod without a uid', { involvedObject: { kind: 'Pod', name: 'p' } }],
    ['another node', { source: { component: 'kubelet', host: 'n2' } }],
    ['no node', { source: { component: 'kubelet' } }],
    ['another component', { source: { component: 'default-scheduler', host: 'n1' } }],
  ])('%s', async (_, over) => {
    const fact = await look([{ ...said, ...over }]);
    expect(fact.status === 'observed' && fact.value).toEqual([]);
  });
});

test.each<[string, Partial<Pod['spec']>, Pod['status']]>([
  ['runs', {}, { phase: 'Running', podIP: '10.244.1.5' }],
  ['has its address', {}, { phase: 'Pending', podIP: '10.244.1.5' }],
  ['is on no node', { nodeName: '' }, { phase: 'Pending' }],
  ['is on the host network', { hostNetwork: true }, { phase: 'Pending' }],
])('a pod that %s waits for no network: nothing is asked', async (_, spec, status) => {
  expect(codeOf(await look(null, { ...waiting, spec: { ...waiting.spec, ...spec }, ...(status && { status }) }))).toBe(
    'not-applicable',
  );
});

test.each([
  [403, 'api-forbidden'],
  [null, 'api-unreachable'],
  [500, 'command-failed'],
])('the API server answers %p', async (answer, code) => {
  expect(codeOf(await look(answer))).toBe(code);
});
