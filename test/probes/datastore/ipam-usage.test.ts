import { expect, test } from '@jest/globals';
import type { PodEvent } from '../../../src/model/kubernetes.ts';
import { ipamUsage } from '../../../src/probes/datastore/ipam-usage.ts';
import { readCapture } from '../../cases/capture.ts';
import { codeOf, probing } from '../scripted.ts';

const saying = (message: string): readonly PodEvent[] => [
  { reason: 'FailedCreatePodSandBox', message: `plugin type="calico" failed (add): ${message}`, at: '', count: 1 },
];
const full = saying('No IPs available in pools: [10.244.0.0/16]');
const table = (readCapture('healthy-legacy').text('calicoctl/ipam-show.txt') ?? '').replace(/\nexit 0\s*$/, '\n');
const looked = (said: object, events = full, kind: 'etcdv3' | 'kubernetes' = 'etcdv3') =>
  probing(ipamUsage, {
    script: { 'calicoctl-ipam-show': said, 'calicoctl-ipam-configuration': { exit: 1, stderr: 'unknown flag' } },
    facts: { 'pod-events': events, 'datastore-kind': { kind } as never },
  }).fact('ipam');

test('how full the pools are; settings that an old version does not show are not known', async () => {
  expect(await looked({ stdout: table })).toMatchObject({
    value: { pools: [{ cidr: '10.244.0.0/16', free: 65_536 }], strictAffinity: null, maxBlocksPerHost: null },
  });
});

test.each([
  ['silent', { exit: null, timedOut: true }, 'timeout'],
  ['not there', { exit: 127, stderr: 'sudo: calicoctl: command not found' }, 'tool-missing'],
  ['cut off', { stdout: table, truncated: true }, 'output-too-large'],
  ['of another shape', { stdout: 'x' }, 'not-parsed'],
])('not known: calicoctl is %s', async (_, said, code) => {
  expect(codeOf(await looked(said))).toBe(code);
});

test('is not asked for another failure, and not with the Kubernetes datastore', async () => {
  expect(codeOf(await looked({}, saying('Unauthorized')))).toBe('not-applicable');
  expect(codeOf(await looked({}, full, 'kubernetes'))).toBe('not-supported');
});
