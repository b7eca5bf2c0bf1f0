import { expect, test } from '@jest/globals';
import { datastoreReady } from '../../src/fixes/kit/datastore-ready.ts';
import { clusterOf } from '../probes/cluster-of.ts';
import { unknownOption } from '../support/calico-2.ts';
import { noWrites } from './known-objects.ts';
import { localNode } from './local-node.ts';

const old = 'crd.projectcalico.org/v1';
const now = 'projectcalico.org/v3';
const information = (apiVersion: string, isReady: boolean) => ({
  apiVersion,
  kind: 'ClusterInformation',
  metadata: { name: 'default' },
  spec: { datastoreReady: isReady },
});

test.each([
  ['the one that Calico reads is ready', [information(old, true)], true],
  ['only the newer kind of objects is there', [information(now, true)], true],
  [
    'the one that Calico reads is locked, and another is ready',
    [information(old, false), information(now, true)],
    false,
  ],
  ['the other is not ready yet', [information(old, true), information(now, false)], true],
  ['none is there', [], false],
])('of the Kubernetes datastore: %s', async (_, objects, isReady) => {
  const context = {
    cluster: clusterOf(objects),
    writer: noWrites,
    shells: localNode({}),
    clock: { now: () => new Date(0), sleep: async () => undefined },
  };
  const answer = await datastoreReady(context, { node: 'n1', nodeAddress: '192.0.2.1', datastore: 'kubernetes' });
  expect('ready' in answer ? answer.ready : answer[0]?.id).toBe(isReady ? 'datastore-ready' : 'no');
});

test('of etcd, by a calicoctl that does not know the option: in one line, without how it is used', async () => {
  const shells = localNode({});
  shells.says('calicoctl-get-clusterinformation', unknownOption.stdout, 1);
  const context = {
    cluster: clusterOf([]),
    writer: noWrites,
    shells,
    clock: { now: () => new Date(0), sleep: async () => undefined },
  };
  const asked = datastoreReady(context, { node: 'n1', nodeAddress: '192.0.2.1', datastore: 'etcdv3' });
  await expect(asked).rejects.toThrow(/^calicoctl on n1 does not know an option of this fix: it is of Calico 2\.x/);
});
