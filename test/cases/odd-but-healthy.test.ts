/** What sound clusters may have and is no fault: captured ones in which one thing is odd. The labs try more. */
import { describe, expect, test } from '@jest/globals';
import type { KubernetesNode, Pod } from '../../src/model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../src/model/ports.ts';
import { captureCluster } from './capture-cluster.ts';
import { readCapture, type Capture } from './capture.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';

const healthy = readCapture('healthy-legacy');

/** Files whose names end so are others. */
function written(capture: Capture, ends: string, change: (text: string) => string): Capture {
  const text = (path: string) => {
    const before = capture.text(path);
    return before !== null && path.endsWith(ends) ? change(before) : before;
  };
  return { ...capture, text };
}

/** Texts that name the pod's address have another one. */
const moved = (text: string) => text.replaceAll('10.244.1.5', '10.244.2.9');

/** The pod has an address of a block of the client's node, which leads to it by a route of its own. */
function borrowing(capture: Capture): Capture {
  const [json, plain] = [
    '{"dst":"10.244.2.9","gateway":"10.250.0.11","dev":"tunl0","protocol":"bird","flags":["onlink"]},',
    '10.244.2.9 via 10.250.0.11 dev tunl0 proto bird onlink \n',
  ];
  const lent = written(
    written(capture, 'n2/ip-j-route.txt', (text) => text.replace('[', `[${json}`)),
    'n2/ip-route.txt',
    (text) => plain + text,
  );
  return {
    ...written(lent, '', moved),
    endpoints: JSON.parse(moved(JSON.stringify(capture.endpoints))),
  };
}

const pool = `- apiVersion: projectcalico.org/v3
  kind: IPPool
  metadata:
    name: old-pool
  spec:
    blockSize: 26
    cidr: 10.9.0.0/16
    disabled: true
    ipipMode: Never
    natOutgoing: false
    vxlanMode: Always
kind: IPPoolList
`;
const oneDefault = '{"dst":"default","gateway":"10.250.0.1","dev":"eth0","flags":[]}';
const denyAll = {
  metadata: { name: 'kns.lonely' },
  spec: { ingress: [{ action: 'Deny' }], egress: [{ action: 'Deny' }] },
};
const [own] = healthy.endpoints;

const cordoned = (node: KubernetesNode) => ({
  ...node,
  spec: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
});

describe('healthy is what is odd alone', () => {
  test.each<[string, Capture]>([
    [
      'a second pool that is disabled',
      written(healthy, 'get-ippool-yaml.txt', (text) => text.replace('kind: IPPoolList\n', pool)),
    ],
    [
      'a stored profile that denies all, and that no endpoint of the flow names',
      { ...healthy, profiles: [...healthy.profiles, denyAll] },
    ],
    [
      'another pod, whose profile does not exist',
      {
        ...healthy,
        endpoints: [
          ...healthy.endpoints,
          ...(own
            ? [{ ...own, spec: { ...own.spec, pod: 'other', ipNetworks: ['10.244.1.40/32'], profiles: ['kns.gone'] } }]
            : []),
        ],
      },
    ],
    [
      'two default routes at once',
      written(healthy, 'ip-j-route.txt', (text) =>
        text.replace(
          oneDefault,
          '{"dst":"default","flags":[],"nexthops":[{"gateway":"10.250.0.1","dev":"eth0","weight":1,"flags":[]},' +
            '{"gateway":"10.250.0.254","dev":"eth0","weight":1,"flags":[]}]}',
        ),
      ),
    ],
    ['an address that the node borrows from a block of another', borrowing(healthy)],
  ])('%s', async (_, capture) => {
    expect(await said(capture)).toEqual(['healthy', 'works', []]);
  });

  test('a node that is cordoned', async () => {
    expect(await said(healthy, withObjects({ Node: cordoned }))).toEqual(['healthy', 'works', []]);
  });
});

test('of a pod on the host network it is said that policies do not apply to it, and no fault is named', async () => {
  const nodeAddress = healthy.nodes[0]?.spec?.bgp?.ipv4Address?.split('/')[0] ?? '';
  const onHost = (pod: Pod): Pod =>
    pod.metadata.name === 'mypod'
      ? { ...pod, spec: { ...pod.spec, hostNetwork: true }, status: { ...pod.status, podIP: nodeAddress } }
      : pod;
  const [verdict, , names] = await said(healthy, withObjects({ Pod: onHost }));
  expect(names).toEqual([]);
  expect(verdict).not.toBe('fault');
});

test('the odd captures are odd', async () => {
  const { target } = await judgeCapture(captureDeps(borrowing(healthy)));
  expect(target.address).toBe('10.244.2.9');
  expect(borrowing(healthy).text('n2/ip-route.txt')).toMatch(/^10\.244\.2\.9 via 10\.250\.0\.11 /);
  expect(healthy.text('n1/ip-j-route.txt')).toContain(oneDefault);
  expect(healthy.text('calicoctl/get-ippool-yaml.txt')).toContain('kind: IPPoolList\n');
});

async function said(capture: Capture, cluster: ClusterReader = captureCluster(capture)) {
  const { verdict, flow, roots, consequences, latent } = await judgeCapture({ ...captureDeps(capture), cluster });
  return [verdict, flow, [...roots, ...consequences, ...latent].map(({ rule }) => rule)] as const;
}

/** The API server of the healthy capture, which shows objects of some kinds otherwise. */
function withObjects(changes: {
  readonly Node?: (node: KubernetesNode) => object;
  readonly Pod?: (pod: Pod) => object;
}): ClusterReader {
  const cluster = captureCluster(healthy);
  const change = (kind: string, object: object): object =>
    kind === 'Node'
      ? (changes.Node?.(object as KubernetesNode) ?? object)
      : kind === 'Pod'
        ? (changes.Pod?.(object as Pod) ?? object)
        : object;
  return {
    ...cluster,
    read: async (reference) => {
      const answer: ApiAnswer<object> = await cluster.read(reference);
      return (answer.ok ? { ...answer, value: change(reference.kind, answer.value) } : answer) as never;
    },
    list: async (query) => {
      const answer: ApiAnswer<readonly object[]> = await cluster.list(query);
      return (answer.ok ? { ...answer, value: answer.value.map((one) => change(query.kind, one)) } : answer) as never;
    },
  };
}
