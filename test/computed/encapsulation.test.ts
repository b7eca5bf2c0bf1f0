import { describe, expect, test } from '@jest/globals';
import { encapsulation } from '../../src/computed/encapsulation.ts';
import { startGathering } from '../../src/engine/gather.ts';
import { unavailable } from '../../src/model/evidence.ts';
import type { Encapsulation } from '../../src/model/encapsulation.ts';
import type { IPPool } from '../../src/model/calico.ts';
import type { Flow, FlowEnd } from '../../src/model/flow.ts';
import type { Link } from '../../src/model/network.ts';
import { giver } from '../probes/scripted.ts';

type Mode = 'Never' | 'Always' | 'CrossSubnet';
const pool = (cidr: string, ipipMode: Mode, vxlanMode: Mode = 'Never', disabled?: boolean): IPPool => ({
  metadata: { name: cidr },
  spec: { cidr, ipipMode, vxlanMode, ...(disabled === undefined ? {} : { disabled }) },
});
const end = (name: string, address: string, nodeAddress: string | null): FlowEnd => ({
  kind: 'pod',
  namespace: 'default',
  name,
  address,
  node: nodeAddress === null ? null : `node-${name}`,
  nodeAddress,
  interface: null,
});
const [client, target] = [end('b', '10.244.2.7', '192.168.1.2'), end('a', '10.244.1.5', '192.168.0.1')];
const link = (address: string, prefixLength: number): readonly Link[] => [
  {
    name: 'eth0',
    index: 2,
    flags: ['UP'],
    mtu: 1500,
    operState: 'UP',
    addresses: [{ address, prefixLength }],
    kind: null,
    peerNamespace: null,
    peerIndex: null,
  },
];

const linksOf = (address: string | null, length: number | null) =>
  length === null || address === null
    ? unavailable('ssh-refused', 'refused')
    : ({ status: 'observed', value: link(address, length), evidence: [] } as const);

async function found(
  pools: readonly IPPool[],
  {
    source = client,
    prefix = 24,
    targetPrefix = prefix,
  }: { source?: FlowEnd; prefix?: number | null; targetPrefix?: number | null } = {},
): Promise<Encapsulation> {
  const flow = { source, destination: target } as Flow;
  const bySide: Readonly<Record<string, ReturnType<typeof linksOf>>> = {
    target: linksOf(target.nodeAddress, targetPrefix),
    source: linksOf(source.nodeAddress, prefix),
  };
  const given = [
    giver('pools', { status: 'observed', value: pools, evidence: [] }),
    giver('flow', { status: 'observed', value: flow, evidence: [] }),
    {
      ...giver('links@target', bySide['target'] ?? unavailable('not-applicable', '')),
      id: 'links',
      places: ['target', 'source'],
      read: async ({ place }: { place: string }) => ({ links: bySide[place] }),
    } as unknown as ReturnType<typeof giver>,
    giver('pod', {
      status: 'observed',
      value: { metadata: { name: 'a' }, spec: { nodeName: 'node-a' } },
      evidence: [],
    }),
    giver('nodes', {
      status: 'observed',
      value: [
        ['node-a', '192.168.0.1'],
        ['node-b', '192.168.1.2'],
      ].map(([name, address]) => ({ metadata: { name }, status: { addresses: [{ type: 'InternalIP', address }] } })),
      evidence: [],
    }),
  ];
  const gathering = startGathering(
    {
      probes: given,
      computed: [encapsulation],
      cluster: {} as never,
      shells: { shell: () => ({}) as never, usage: () => ({}), close: async () => {} },
      clock: { now: () => new Date(0), sleep: async () => {} },
    },
    { cluster: 'default', namespace: 'default', pod: 'a', from: null, port: null },
    'r-1',
    new AbortController().signal,
  );
  const fact = await gathering.fact('encapsulation');
  if (fact.status === 'unavailable') throw new Error(fact.reason);
  return fact.value;
}
const wayOf = async (...given: Parameters<typeof found>) => {
  const { pair } = await found(...given);
  return pair && [pair.there, pair.back];
};

test('each pool has its mode, the disabled ones too', async () => {
  const { pools } = await found([
    pool('10.1.0.0/16', 'Always'),
    pool('10.2.0.0/16', 'CrossSubnet'),
    pool('10.3.0.0/16', 'Never', 'Always', true),
    pool('10.4.0.0/16', 'Never', 'CrossSubnet', false),
    { metadata: { name: 'old' }, spec: { cidr: '10.5.0.0/16' } },
  ]);
  expect(pools.map(({ mode, disabled }) => [mode, disabled])).toEqual([
    ['ipip', false],
    ['ipip-crosssubnet', false],
    ['vxlan', true],
    ['vxlan-crosssubnet', false],
    ['none', false],
  ]);
});

describe('the tunnel between the nodes of the flow', () => {
  test.each<[string, Mode, Mode, string]>([
    ['IPIP', 'Always', 'Never', 'ipip'],
    ['VXLAN', 'Never', 'Always', 'vxlan'],
    ['none', 'Never', 'Never', 'none'],
  ])('%s, whatever their subnets', async (_, ipip, vxlan, kind) => {
    for (const prefix of [16, 24, null])
      expect(await wayOf([pool('10.244.0.0/16', ipip, vxlan)], { prefix })).toEqual([kind, kind]);
  });
  test.each<[string, Mode, Mode, string]>([
    ['IPIP across subnets', 'CrossSubnet', 'Never', 'ipip'],
    ['VXLAN across subnets', 'Never', 'CrossSubnet', 'vxlan'],
  ])('%s', async (_, ipip, vxlan, kind) => {
    const pools = [pool('10.244.0.0/16', ipip, vxlan)];
    expect(await wayOf(pools, { prefix: 24 })).toEqual([kind, kind]);
    expect(await wayOf(pools, { prefix: 16 })).toEqual(['none', 'none']);
  });
  test("each direction follows its sender's own subnet", async () => {
    const pools = [pool('10.244.0.0/16', 'CrossSubnet')];
    expect(await wayOf(pools, { prefix: 16, targetPrefix: 24 })).toEqual(['none', 'ipip']);
  });
  test('it is not known where the subnet decides and was not read', async () => {
    expect(await wayOf([pool('10.244.0.0/16', 'CrossSubnet')], { prefix: null })).toEqual([null, null]);
  });
  test('each end follows its own pool', async () => {
    const pools = [pool('10.244.1.0/24', 'Always'), pool('10.244.2.0/24', 'Never', 'Always')];
    expect(await wayOf(pools)).toEqual(['ipip', 'vxlan']);
    expect(await wayOf(pools.slice(0, 1))).toEqual(['ipip', null]);
  });
  test('one node, and an end outside, have none', async () => {
    const pools = [pool('10.244.0.0/16', 'Always')];
    expect(await wayOf(pools, { source: end('a', '10.244.1.6', '192.168.0.1') })).toBeNull();
    expect(await wayOf(pools, { source: end('x', '203.0.113.7', null) })).toBeNull();
  });
});
