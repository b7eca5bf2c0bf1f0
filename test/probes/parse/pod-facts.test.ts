import { describeEnd } from '../../../src/model/flow-end-words.ts';
import { describe, expect, test } from '@jest/globals';
import { isReachable } from '../../../src/calico/trusted-address.ts';
import type { KubernetesNode, Pod } from '../../../src/model/kubernetes.ts';
import { declaredPorts, isOnNodeNetwork, nodeEnd, podEnd } from '../../../src/flow-walks/ends.ts';

const node: KubernetesNode = {
  metadata: { name: 'n1' },
  status: {
    addresses: [
      { type: 'Hostname', address: 'n1' },
      { type: 'InternalIP', address: 'fd00::1' },
      { type: 'InternalIP', address: '10.0.0.1' },
    ],
  },
};
const pod = (
  spec: Partial<Pod['spec']> = {},
  status: Pod['status'] = { phase: 'Running', podIP: '10.244.1.5' },
): Pod => ({
  metadata: { name: 'web', namespace: 'shop' },
  spec: { nodeName: 'n1', containers: [], ...spec },
  ...(status ? { status } : {}),
});
const withPorts = (...ports: { containerPort: number; protocol?: string }[]) =>
  pod({ containers: [{ name: 'a', ports }] });

describe('the declared ports', () => {
  test.each([
    [withPorts({ containerPort: 8080, protocol: 'TCP' }), [{ protocol: 'tcp', number: 8080 }]],
    [withPorts({ containerPort: 8080 }), [{ protocol: 'tcp', number: 8080 }]],
    [
      withPorts({ containerPort: 9090 }, { containerPort: 53, protocol: 'UDP' }, { containerPort: 80 }),
      [
        { protocol: 'tcp', number: 9090 },
        { protocol: 'tcp', number: 80 },
      ],
    ],
    [
      pod({
        containers: [
          { name: 'a', ports: [{ containerPort: 80 }] },
          { name: 'b', ports: [{ containerPort: 81 }, { containerPort: 80 }] },
        ],
      }),
      [
        { protocol: 'tcp', number: 80 },
        { protocol: 'tcp', number: 81 },
      ],
    ],
    [withPorts({ containerPort: 53, protocol: 'UDP' }), [{ protocol: 'icmp' }]],
    [pod(), [{ protocol: 'icmp' }]],
  ])('%#', (of, expected) => expect(declaredPorts(of)).toEqual(expected));
});

test('ends: a pod with its interface, a hostNetwork pod and a node without, none without an address', () => {
  const end = podEnd(pod(), { nodes: [node], pools: null });
  expect(end).toMatchObject({
    kind: 'pod',
    namespace: 'shop',
    name: 'web',
    address: '10.244.1.5',
    node: 'n1',
    nodeAddress: '10.0.0.1',
    interface: expect.stringMatching(/^cali[0-9a-f]{11}$/),
  });
  const hosted = podEnd(pod({ hostNetwork: true }, { phase: 'Running', podIP: '10.0.0.1' }), {
    nodes: [node],
    pools: null,
  });
  expect(hosted?.interface).toBeNull();
  expect(podEnd(pod({}, { phase: 'Pending' }), { nodes: [node], pools: null })).toBeNull();
  expect(podEnd(pod({ nodeName: 'gone' }), { nodes: [node], pools: null })).toMatchObject({
    node: 'gone',
    nodeAddress: null,
  });
  expect(nodeEnd({ metadata: { name: 'n2' } }, { nodes: [node] })).toBeNull();
  const own = nodeEnd(node, { nodes: [node] });
  if (!end || !hosted || !own) throw new Error('no end');
  expect([end, hosted, own, { ...end, kind: 'outside' as const, interface: null }].map(isOnNodeNetwork)).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect([describeEnd(end), describeEnd(own), describeEnd({ ...own, kind: 'outside' })]).toEqual([
    'shop/web',
    'node n1',
    '10.0.0.1',
  ]);
});

test('who can be asked to send: running, not being deleted, with an address of the family', () => {
  expect(
    [
      pod(),
      pod({}, { phase: 'Pending' }),
      pod({}, { phase: 'Running' }),
      pod({}, { phase: 'Running', podIP: 'fd00::5' }),
      { ...pod(), metadata: { name: 'web', deletionTimestamp: 'now' } },
    ].map((one) => [isReachable(one), isReachable(one, 6)]),
  ).toEqual([
    [true, false],
    [false, false],
    [false, false],
    [false, true],
    [false, false],
  ]);
});
