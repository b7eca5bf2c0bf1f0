import { expect, test } from '@jest/globals';
import type { DatastoreKind } from '../../src/model/datastore-kind.ts';
import { observed, unavailable } from '../../src/model/evidence.ts';
import type { FlowEnd } from '../../src/model/flow.ts';
import { felixButton } from '../../src/rules/lib/felix-button.ts';

const end: FlowEnd = {
  kind: 'pod',
  namespace: 'shop',
  name: 'cart',
  address: '10.244.1.5',
  node: 'n1',
  nodeAddress: '10.0.0.9',
  interface: 'cali1',
};
const etcd = observed<DatastoreKind>({ kind: 'etcdv3' }, []);
const kubernetes = observed<DatastoreKind>(
  { kind: 'kubernetes', api: 'crd.projectcalico.org/v1', interfacePrefix: 'cali' },
  [],
);
const unread = unavailable('timeout', 'no answer');
const access = observed({ account: { namespace: 'calico-system', name: 'calico-node' }, reviews: [] }, []);
const input = {
  node: 'n1',
  nodeAddress: '10.0.0.9',
  interface: 'cali1',
  address: '10.244.1.5',
  namespace: 'shop',
  pod: 'cart',
};

test.each([
  ['etcd', end, etcd, unread, { fixInput: { ...input, datastore: 'etcdv3', account: null } }],
  [
    'the Kubernetes datastore',
    end,
    kubernetes,
    access,
    { fixInput: { ...input, datastore: 'kubernetes', account: 'calico-system/calico-node' } },
  ],
  ['rights that nobody read', end, kubernetes, unread, { noFix: expect.stringMatching(/rights/) }],
  [
    'a datastore that nobody knows',
    end,
    observed<DatastoreKind>({ kind: null }, []),
    access,
    { noFix: expect.stringMatching(/where/) },
  ],
  ['a datastore that could not be read', end, unread, access, { noFix: expect.stringMatching(/where/) }],
  ['no pod of the flow there', undefined, etcd, access, { noFix: expect.stringMatching(/no pod/) }],
  ['a pod on the host network', { ...end, interface: null }, etcd, access, { noFix: expect.stringMatching(/no pod/) }],
  ['a node', { ...end, kind: 'node', namespace: null }, etcd, access, { noFix: expect.stringMatching(/no pod/) }],
  ['no address of the node', { ...end, nodeAddress: null }, etcd, access, { noFix: expect.stringMatching(/address/) }],
] as const)('%s', (_, at, home, rights, button) => {
  expect(felixButton(at, { home, access: rights })).toEqual(button);
});
