/** Whose pod is taken for the agent: a stranger's would see what the bot asks, and answer it. */
import { describe, expect, test } from '@jest/globals';
import { agentPodOf } from '../../../src/adapters/agent/agent-pods.ts';
import { choosePod } from '../../../src/adapters/agent/choose-pod.ts';
import { clusterOf } from '../../probes/cluster-of.ts';
import { agentPod, daemonSet } from './agent-objects.ts';

const owner = { kind: 'DaemonSet', name: 'calico-chatops-agent', uid: 'uid-of-the-set', controller: true };
const notReady = (state: object) => ({
  containerStatuses: [{ name: 'agent', ready: false, restartCount: 0, state }],
});

test('the pod of the DaemonSet on the node', () => {
  const others = [agentPod({ metadata: { name: 'on-b' }, spec: { nodeName: 'node-b' } })];
  expect(choosePod('node-a', daemonSet, [...others, agentPod()])).toEqual({ name: 'calico-chatops-agent-x1' });
});

test('during an update, the one that is ready', () => {
  const starting = agentPod({ metadata: { name: 'calico-chatops-agent-a0' }, status: notReady({ waiting: {} }) });
  expect(choosePod('node-a', daemonSet, [starting, agentPod()])).toEqual({ name: 'calico-chatops-agent-x1' });
});

describe('a pod with the labels and the name of the agent is not used', () => {
  test.each<[string, Parameters<typeof agentPod>[0]]>([
    ['without an owner', { metadata: { ownerReferences: undefined } }],
    ['of a DaemonSet that was deleted', { metadata: { ownerReferences: [{ ...owner, uid: 'uid-of-another' }] } }],
    ['of another DaemonSet', { metadata: { ownerReferences: [{ ...owner, name: 'another' }] } }],
    ['of another kind', { metadata: { ownerReferences: [{ ...owner, kind: 'ReplicaSet' }] } }],
    [
      'that names the DaemonSet, and is not controlled by it',
      {
        metadata: { ownerReferences: [{ ...owner, controller: false }] },
      },
    ],
    [
      'that is controlled by another, and names the DaemonSet second',
      {
        metadata: { ownerReferences: [{ ...owner, uid: 'uid-of-another' }, owner] },
      },
    ],
    ['with another account', { spec: { serviceAccountName: 'default' } }],
  ])('%s', (_, change) => {
    expect(choosePod('node-a', daemonSet, [agentPod(change)])).toEqual({
      name: null,
      why: expect.stringContaining('calico-chatops-agent-x1 is not of it, and is not used'),
    });
  });
  test('of another namespace', () => {
    expect(choosePod('node-a', daemonSet, [agentPod({ metadata: { namespace: 'default' } })])).toEqual({
      name: null,
      why: 'DaemonSet calico-chatops-agent has no pod there',
    });
  });
  test('of another node', () => {
    expect(choosePod('node-b', daemonSet, [agentPod()])).toMatchObject({ name: null });
  });
  test('with a name that would be another path', () => {
    expect(choosePod('node-a', daemonSet, [agentPod({ metadata: { name: 'x/../../y' } })])).toMatchObject({
      name: null,
    });
  });
  test('where the DaemonSet has no uid', () => {
    const nameless = { ...daemonSet, metadata: { name: 'calico-chatops-agent' } };
    const pod = agentPod({ metadata: { ownerReferences: [{ ...owner, uid: undefined }] } });
    expect(choosePod('node-a', nameless, [pod])).toMatchObject({ name: null });
  });
});

test.each<[string, Parameters<typeof agentPod>[0], string]>([
  [
    'its image cannot be had',
    { status: notReady({ waiting: { reason: 'ImagePullBackOff' } }) },
    'its pod calico-chatops-agent-x1 is not ready: ImagePullBackOff',
  ],
  [
    'the kubelet says something else than a reason',
    { status: notReady({ waiting: { reason: 'run this: rm -rf /' } }) },
    'its pod calico-chatops-agent-x1 is not ready',
  ],
  ['another container is ready', { spec: { containers: [{ name: 'sidecar' }] } }, 'is not ready'],
  ['it is being deleted', { metadata: { deletionTimestamp: '2026-11-23T18:00:00Z' } }, 'its pod is being deleted'],
])('a pod that cannot be used: %s', (_, change, why) => {
  expect(choosePod('node-a', daemonSet, [agentPod(change)])).toEqual({ name: null, why: expect.stringContaining(why) });
});

describe('asked of the API server', () => {
  test('finds it', async () => {
    expect(await agentPodOf('node-a', clusterOf([daemonSet, agentPod()]))).toBe('calico-chatops-agent-x1');
  });
  test.each<[string, Parameters<typeof clusterOf>, string, string]>([
    [
      'no DaemonSet',
      [[agentPod()]],
      'agent-missing',
      'there is no DaemonSet calico-chatops-agent/calico-chatops-agent',
    ],
    ['no pod', [[daemonSet]], 'agent-missing', 'has no pod there'],
    ['may not list', [[daemonSet, agentPod()], { refused: { Pod: 403 } }], 'api-forbidden', 'not here'],
    ['no answer', [[daemonSet, agentPod()], { refused: { DaemonSet: null } }], 'api-unreachable', 'not here'],
  ])('%s', async (_, given, code, why) => {
    await expect(agentPodOf('node-a', clusterOf(...given))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(`^node-a \\(agent\\): .*${why}`)),
    });
  });
});
