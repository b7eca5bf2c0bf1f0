import { expect, test } from '@jest/globals';
import { sharedNote } from '../../src/engine/shared-note.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { rules } from '../../src/rules/registry.ts';
import { blind, captured, changed, factOf, valueOf, type Facts } from '../support/facts.ts';

const healthy = await captured('healthy-legacy');
const pod = (nodeName: string, name: string, more: Partial<Pod> = {}): Pod => ({
  metadata: { namespace: 'shop', name },
  spec: { nodeName, containers: [] },
  status: { phase: 'Running', podIP: '10.244.1.99' },
  ...more,
});
const own = valueOf(healthy, 'pods');
const facts = changed(healthy, {
  pods: [
    ...own,
    pod('n1', 'db'),
    pod('n2', 'api'),
    pod('n1', 'failed', { status: { phase: 'Failed', podIP: '10.244.1.9' } }),
    pod('n1', 'host', { spec: { nodeName: 'n1', hostNetwork: true, containers: [] } }),
  ],
});
const evaluations = rules.map((rule) => ({ rule }));
type Root = readonly [rule: string, node: string, interfaceName?: string];
const noteOf = (of: Facts, ...roots: readonly Root[]) =>
  sharedNote(
    { fact: (key) => factOf(of, key) },
    evaluations,
    roots.map(([rule, node, name]) => ({
      rule,
      node,
      subject: name === undefined ? ({ kind: 'Node', name: node } as const) : ({ kind: 'Interface', name } as const),
    })),
  );

test.each<[string, readonly Root[], readonly string[]]>([
  ['a node', [['calico-hooks-missing', 'n1']], ['Other pods of n1 share the cause: shop/db.']],
  [
    'both nodes',
    [['ipip-lost-between-nodes', 'n2']],
    ['Packets of other pods take the same way between n2 and n1: shop/api on n2; shop/db on n1.'],
  ],
  [
    'a node and both nodes: the node alone is told',
    [
      ['ipip-lost-between-nodes', 'n2'],
      ['tunnel-device-down', 'n2'],
    ],
    ['Other pods of n2 share the cause: shop/api.'],
  ],
  ['one pod', [['pod-interface-down', 'n1']], []],
  [
    "the interface of one pod, by a rule about the nodes' way",
    [['path-mtu-too-small', 'n1', `${valueOf(healthy, 'flow').destination.interface} on n1`]],
    [],
  ],
  [
    'another interface',
    [['path-mtu-too-small', 'n1', 'eth0 on n1']],
    ['Packets of other pods take the same way between n2 and n1: shop/api on n2; shop/db on n1.'],
  ],
  ['nothing', [], []],
])('what concerns %s', async (_, roots, notes) => {
  expect(await noteOf(facts, ...roots)).toEqual(notes);
});

test('many pods of a node are named in part', async () => {
  const many = changed(healthy, { pods: [...own, ...['a', 'b', 'c', 'd', 'e'].map((name) => pod('n1', name))] });
  expect(await noteOf(many, ['node-unreachable', 'n1'])).toEqual([
    'Other pods of n1 share the cause: shop/a, shop/b, shop/c and 2 more.',
  ]);
});

test('no note without other pods, and none where they were not read', async () => {
  for (const given of [healthy, blind(facts, ['pods'])])
    for (const rule of ['tunnel-device-down', 'vxlan-lost-between-nodes'])
      expect(await noteOf(given, [rule, 'n1'])).toEqual([]);
});
