import { expect, test } from '@jest/globals';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { endpointControls } from '../../../src/probes/datastore/endpoint-controls.ts';
import { flowBetween, podEnd } from '../../support/sample-flow.ts';
import { codeOf, probing } from '../scripted.ts';

const id = 'calicoctl-get-workloadendpoint';
const flow = flowBetween(podEnd({ name: 'client' }), podEnd());
const other: Pod = {
  metadata: { name: 'db', namespace: 'shop' },
  spec: { nodeName: 'n1', containers: [] },
  status: { phase: 'Running' },
};
const looked = (said: object, facts: Parameters<typeof probing>[1]['facts'] = {}) =>
  probing(endpointControls, {
    script: { [id]: said },
    facts: { flow, pods: [other], endpoint: null, 'source-endpoint': {} as never, ...facts },
  }).fact('endpoint-controls');

test('the same client finds the endpoint of another pod of the node', async () => {
  expect(await looked({ stdout: 'kind: WorkloadEndpoint\nmetadata:\n  name: n1-k8s-db-eth0\n' })).toMatchObject({
    value: [{ pod: 'default/p', found: 'shop/db' }],
    evidence: [{ excerpt: '  name: n1-k8s-db-eth0' }],
  });
});

test.each([
  ['it finds none', { exit: 1, stdout: 'null\n', stderr: 'resource does not exist: WorkloadEndpoint(x)' }],
  ['its datastore is silent', { exit: null, timedOut: true }],
  ['it is not there', { exit: 127, stderr: 'sudo: calicoctl: command not found' }],
])('no control where %s', async (_, said) => {
  expect(await looked(said)).toMatchObject({ value: [{ pod: 'default/p', found: null }], evidence: [] });
});

test('no control where the node has no other pod that runs', async () => {
  const pods = [
    { ...other, spec: { ...other.spec, hostNetwork: true } },
    { ...other, status: { phase: 'Pending' } },
    { ...other, spec: { ...other.spec, nodeName: 'n2' } },
    { ...other, metadata: { name: 'p', namespace: 'default' } },
  ];
  expect(await looked({}, { pods })).toMatchObject({ value: [{ pod: 'default/p', found: null }] });
});

test('is not asked where both endpoints are there, or with the Kubernetes datastore', async () => {
  expect(codeOf(await looked({}, { endpoint: {} as never }))).toBe('not-applicable');
  const home = { kind: 'kubernetes', api: 'crd.projectcalico.org/v1' } as never;
  expect(codeOf(await looked({}, { 'datastore-kind': home }))).toBe('not-applicable');
});
