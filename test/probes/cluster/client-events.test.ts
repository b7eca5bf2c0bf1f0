import { expect, test } from '@jest/globals';
import type { KubernetesEvent, Pod } from '../../../src/model/kubernetes.ts';
import { clientEvents } from '../../../src/probes/cluster/client-events.ts';
import { aPod, codeOf, probing } from '../scripted.ts';

const client: Pod = {
  ...aPod,
  metadata: { ...aPod.metadata, namespace: 'other', uid: 'u-9' },
  status: { phase: 'Pending' },
};
const node = client.spec.nodeName ?? '';
const said: KubernetesEvent = {
  metadata: { name: 'p.1', namespace: 'other' },
  involvedObject: { kind: 'Pod', name: client.metadata.name, uid: 'u-9' },
  reason: 'FailedMount',
  message: 'not there',
  source: { component: 'kubelet', host: node },
  lastTimestamp: '2026-11-23T18:00:00Z',
  count: 4,
};
const look = (pod: Pod) =>
  probing(clientEvents, { api: { 'list Event': [said] }, facts: { 'client-pod': pod } }).fact('client-events');

test('the events of the client are read, of its own node and its own pod', async () => {
  expect(await look(client)).toMatchObject({ status: 'observed', value: [{ reason: 'FailedMount', count: 4 }] });
  const another = { ...client, metadata: { ...client.metadata, uid: 'u-8' } };
  expect(await look(another)).toMatchObject({ status: 'observed', value: [] });
});

test('a client that runs is not asked about', async () => {
  const running = { ...client, status: { phase: 'Running', podIP: '192.0.2.1' } };
  expect(codeOf(await look(running as Pod))).toBe('not-applicable');
});
