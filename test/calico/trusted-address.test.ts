import { describe, expect, test } from '@jest/globals';
import type { IPPool } from '../../src/model/calico.ts';
import type { Fact } from '../../src/model/evidence.ts';
import type { Flow } from '../../src/model/flow.ts';
import type { KubernetesNode, Pod } from '../../src/model/kubernetes.ts';
import type { FlowSource } from '../../src/model/target.ts';
import { startGathering } from '../../src/engine/gather.ts';
import { computed } from '../../src/computed/registry.ts';
import { probes } from '../../src/probes/registry.ts';
import {
  judgedFamily,
  nodeAddress,
  nodeReachedAt,
  podAddress,
  unjudgedAddress,
  unjudgedPodAddress,
  type Addressing,
} from '../../src/calico/trusted-address.ts';
import { captureCluster } from '../cases/capture-cluster.ts';
import { captureShells } from '../cases/capture-shells.ts';
import { readCapture } from '../cases/capture.ts';

const node = (name: string, ...addresses: readonly string[]): KubernetesNode => ({
  metadata: { name },
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
});
const pool = (cidr: string, disabled = false): IPPool => ({ metadata: { name: cidr }, spec: { cidr, disabled } });
const addressing: Addressing = {
  nodes: [node('n1', 'fd00::1', '10.0.0.1'), node('n2', '10.0.0.2')],
  pools: [pool('10.244.0.0/16'), pool('192.168.0.0/24', true), pool('fd00:10::/64')],
};
const pod = (podIP: string | undefined, spec: Partial<Pod['spec']> = {}, others: readonly string[] = []): Pod => ({
  metadata: { name: 'web', namespace: 'shop' },
  spec: { nodeName: 'n1', containers: [], ...spec },
  status: {
    phase: 'Running',
    ...(podIP ? { podIP } : {}),
    podIPs: [...(podIP ? [podIP] : []), ...others].map((ip) => ({ ip })),
  },
});
const hosted = { hostNetwork: true };
const said = (of: Pod, where = addressing) => {
  const trusted = podAddress(of, where);
  return trusted.address ?? `${trusted.code}: ${trusted.why}`;
};

describe('a pod has', () => {
  test.each<[string, Pod, string]>([
    ['an address of a pool', pod('10.244.1.5'), '10.244.1.5'],
    ['one of a pool that is disabled', pod('192.168.0.7'), '192.168.0.7'],
    ["its node's, on its node's network", pod('10.0.0.1', hosted), '10.0.0.1'],
    ['the IPv4 one of two', pod('fd00:10::5', {}, ['10.244.1.5']), '10.244.1.5'],
    ['none yet', pod(undefined), 'not-applicable: pod shop/web has no address yet'],
    [
      'IPv6 alone',
      pod('fd00:10::5'),
      'not-supported: pod shop/web has no IPv4 address (fd00:10::5), and the flow is of IPv4',
    ],
    [
      'no address at all, but words',
      pod('127.1'),
      'not-supported: pod shop/web has no IPv4 address (127.1), and the flow is of IPv4',
    ],
    [
      'one of no pool',
      pod('8.8.8.8'),
      "not-credible: pod shop/web has the address 8.8.8.8, which is in none of Calico's pools (10.244.0.0/16, 192.168.0.0/24, fd00:10::/64). Nothing was sent to it",
    ],
    [
      "another node's",
      pod('10.0.0.2'),
      'not-credible: pod shop/web has the address 10.0.0.2, which is the address of node n2. Nothing was sent to it',
    ],
    [
      "another node's, on its node's network",
      pod('10.0.0.2', hosted),
      'not-credible: pod shop/web has the address 10.0.0.2, and it uses the network of node n1, whose address is 10.0.0.1. Nothing was sent to it',
    ],
    [
      "a pool's, on its node's network",
      pod('10.244.1.5', hosted),
      'not-credible: pod shop/web has the address 10.244.1.5, and it uses the network of node n1, whose address is 10.0.0.1. Nothing was sent to it',
    ],
  ])('%s', (_, of, expected) => {
    expect(said(of)).toBe(expected);
  });
  const never: readonly (readonly [string, string])[] = [
    ['127.0.0.1', 'loopback'],
    ['127.8.9.10', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['169.254.169.254', 'link-local'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'reserved'],
  ];
  test.each(never)(
    'never %s (%s): with pools that are not known, and with one that holds everything',
    (address, kind) => {
      for (const pools of [null, [], [pool('0.0.0.0/0')]]) {
        for (const spec of [{}, hosted])
          expect(said(pod(address, spec), { nodes: [node('n1', address)], pools })).toBe(
            `not-credible: pod shop/web has the address ${address}, which no pod can have (${kind}). Nothing was sent to it`,
          );
      }
    },
  );
  test.each(['100.100.100.200', '192.0.0.192'])(
    'never %s, which a cloud keeps, nor is it an end of a flow',
    (address) => {
      const why = 'one that clouds keep for themselves. Nothing was sent to it';
      const everything = { nodes: [node('n1', address)], pools: [pool('0.0.0.0/0')] };
      for (const spec of [{}, hosted])
        expect(said(pod(address, spec), everything)).toBe(
          `not-credible: pod shop/web has the address ${address}, which is ${why}`,
        );
      expect(unjudgedAddress(address)).toBe(`${address} is ${why}`);
      expect(unjudgedAddress('100.100.100.201')).toBeNull();
    },
  );
  test("any other address where the pools are not known, or another plugin gives addresses out; never a node's", () => {
    for (const pools of [null, []]) {
      expect(said(pod('10.9.9.9'), { ...addressing, pools })).toBe('10.9.9.9');
      expect(said(pod('10.0.0.2'), { ...addressing, pools })).toContain('is the address of node n2');
    }
  });
});

describe('of IPv6, a pod has', () => {
  const six: Addressing = { ...addressing, family: 6 };
  const none =
    "which is in none of Calico's pools (10.244.0.0/16, 192.168.0.0/24, fd00:10::/64). Nothing was sent to it";
  test.each<[string, Pod, string]>([
    ['an address of a pool', pod('fd00:10::5'), 'fd00:10::5'],
    ['the IPv6 one of two, in its shortest form', pod('10.244.1.5', {}, ['fd00:0010:0::5']), 'fd00:10::5'],
    ["its node's, on its node's network", pod('fd00::1', hosted), 'fd00::1'],
    [
      'IPv4 alone',
      pod('10.244.1.5'),
      'not-supported: pod shop/web has no IPv6 address (10.244.1.5), and the flow is of IPv6',
    ],
    ['one of no pool', pod('2001:db8::5'), `not-credible: pod shop/web has the address 2001:db8::5, ${none}`],
    [
      "a node's",
      pod('fd00::1'),
      'not-credible: pod shop/web has the address fd00::1, which is the address of node n1. Nothing was sent to it',
    ],
  ])('%s', (_, of, expected) => {
    expect(said(of, six)).toBe(expected);
  });
  const clouds = ['fd00:ec2::254', 'fd20:ce::254', 'fd00:c1::a9fe:a9fe', 'fd00:42:0::42', 'fd00:100::100:200'];
  test.each(['::1', '::', 'fe80::5', 'ff02::1', '::ffff:10.0.0.1', '100::5', ...clouds])(
    'never %s, with a pool that holds everything',
    (address) => {
      for (const spec of [{}, hosted])
        expect(said(pod(address, spec), { nodes: [node('n1', address)], pools: [pool('::/0')], family: 6 })).toMatch(
          /^not-credible: .*Nothing was sent to it$/,
        );
    },
  );
});

const at = (address: string) => ({ kind: 'address', pod: address, from: null }) as const;
const outside = (address: string) => ({ pod: 'web', from: { kind: 'outside' as const, address } });

describe('a flow is judged by', () => {
  const both = pod('10.244.1.5', {}, ['fd00:10::5']);
  const asked = { pod: 'web', from: null } as const;
  test.each([
    ['IPv4, for a pod with both', both, asked, null, 4],
    ['IPv6, for a pod of IPv6 alone', pod('fd00:10::5'), asked, null, 6],
    ['IPv4, for a pod without an address', pod(undefined), asked, null, 4],
    ['the family of the address outside', both, outside('2001:db8::1'), null, 6],
    ['the family of the address outside, also where the pod lacks it', pod('fd00:10::5'), outside('8.8.8.8'), null, 4],
    ["the family of the pod's address that was asked about", both, at('fd00:10::5'), null, 6],
    ["the family of the pod's address that was asked about, also of IPv4", both, at('10.244.1.5'), null, 4],
    ['the family that was asked for', both, { ...asked, family: 6 as const }, null, 6],
    [
      'the family that was asked for, also where the pod lacks it',
      pod('10.244.1.5'),
      { ...asked, family: 6 as const },
      null,
      6,
    ],
    ['IPv6, for a Service of IPv6 alone', both, asked, { family: 6 as const }, 6],
    ['IPv6, of its Service, for a pod without an address', pod(undefined), asked, { family: 6 as const }, 6],
    ['IPv4, where the pod has no address of the Service', pod('10.244.1.5'), asked, { family: 6 as const }, 4],
  ] as const)('%s', (_, of, target, service, expected) => {
    expect(judgedFamily(of, target, service)).toBe(expected);
  });
});

test('the address in which a pod is not judged', () => {
  const both = pod('10.244.1.5', {}, ['fd00:10::5']);
  expect([unjudgedPodAddress(both, 4), unjudgedPodAddress(both, 6)]).toEqual(['fd00:10::5', '10.244.1.5']);
  expect([unjudgedPodAddress(pod('fd00:10::5'), 4), unjudgedPodAddress(pod('fd00:10::5'), 6)]).toEqual([null, null]);
});

test('a node has its own address: not a special one, not one that another node claims too', () => {
  const nodes = [
    node('n1', '10.0.0.1'),
    node('n2', '127.0.0.1'),
    node('n3', '10.0.0.3'),
    node('liar', '10.0.0.3'),
    node('n4', '169.254.1.1', '10.0.0.4'),
  ];
  expect(nodes.map((one) => nodeAddress(one, nodes)).map((trusted) => trusted.address ?? trusted.why)).toEqual([
    '10.0.0.1',
    'node n2 has no IPv4 InternalIP that a node can have',
    'nodes n3 and liar both claim the address 10.0.0.3. Nothing was sent to it',
    'nodes liar and n3 both claim the address 10.0.0.3. Nothing was sent to it',
    '10.0.0.4',
  ]);
});

/** Every command that ran, and the flow, with one pod's address changed. */
const looking = async (
  changed: string,
  podIP: string,
  from: FlowSource | null = null,
): Promise<{ flow: Fact<Flow>; sent: readonly string[] }> => {
  const capture = readCapture('healthy-legacy');
  const [cluster, shells] = [captureCluster(capture), captureShells(capture)];
  const lie = <T>(object: T): T => {
    const { metadata, status } = object as Pod;
    return metadata.name === changed ? { ...object, status: { ...status, podIP, podIPs: [{ ip: podIP }] } } : object;
  };
  const ran: string[] = [];
  const gathering = startGathering(
    {
      probes,
      computed,
      clock: { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} },
      cluster: {
        ...cluster,
        read: async (reference) =>
          cluster
            .read(reference)
            .then((answer) => (answer.ok ? { ...answer, value: lie(answer.value) } : answer)) as never,
        list: async (query) =>
          cluster
            .list(query)
            .then((answer) => (answer.ok ? { ...answer, value: answer.value.map(lie) } : answer)) as never,
      },
      shells: {
        ...shells,
        shell: (address) => ({
          node: address.name,
          start: (request) => {
            ran.push(`${request.moment} ${request.command.id} ${Object.values(request.params).join(' ')}`);
            return shells.shell(address).start(request);
          },
        }),
      },
    },
    { cluster: 'default', namespace: 'default', pod: 'mypod', from, port: null },
    'r-test',
    new AbortController().signal,
  );
  await gathering.fact('reachability');
  return {
    flow: await gathering.fact('flow'),
    sent: ran.filter((line) => line.startsWith('burst ') || line.includes(podIP)),
  };
};

describe('nothing is sent where an end of the flow lies', () => {
  test.each(['127.0.0.1', '169.254.169.254', '8.8.8.8', '::1', 'fd00::5'])('the target: %s', async (address) => {
    const { flow, sent } = await looking('mypod', address);
    expect([flow.status, sent]).toEqual(['unavailable', []]);
  });
  test('the asked source', async () => {
    const { flow, sent } = await looking('client', '8.8.8.8', { kind: 'pod', namespace: 'default', name: 'client' });
    expect(flow).toMatchObject({
      status: 'unavailable',
      code: 'not-credible',
      reason: expect.stringContaining("default/client has the address 8.8.8.8, which is in none of Calico's pools"),
    });
    expect(sent).toEqual([]);
  });
  test('a source that is not asked for is passed over', async () => {
    const { flow } = await looking('client', '8.8.8.8');
    expect(
      flow.status === 'observed' ? `${flow.value.source.namespace}/${flow.value.source.name}` : flow.reason,
    ).not.toBe('default/client');
  });
});

describe('the bot reaches a node', () => {
  const other = node('n9', 'fd00::9');
  test.each<[string, KubernetesNode, string | null]>([
    ['by IPv4 where it has both', node('n1', 'fd00::1', '10.0.0.1'), '10.0.0.1'],
    ['by IPv6 where it has no other', node('n1', 'fd00::1'), 'fd00::1'],
    ['not by an address that another node claims', node('n1', 'fd00::9'), null],
    ['not by the loopback', node('n1', '::1'), null],
    ['not by an address of one link', node('n1', 'fe80::1'), null],
    ['not by an IPv4 address in disguise', node('n1', '::ffff:169.254.169.254'), null],
    ['not without an address', node('n1'), null],
  ])('%s', (_, one, expected) => {
    expect(nodeReachedAt(one, [one, other]).address).toBe(expected);
  });
});
