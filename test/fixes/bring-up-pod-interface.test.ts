/** On a kernel of their own: a node, and a pod behind an interface of the name that Calico gives it. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { hostInterfaceName } from '../../src/calico/endpoint-names.ts';
import { bringUpPodInterface as fix } from '../../src/fixes/bring-up-pod-interface/bring-up-pod-interface.ts';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import { draftFix, settleFix, undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { goldenText, planTextOf } from './golden-plan.ts';
import { scriptLiveFelix } from './live-felix.ts';
import { localAccess, localNode, saysNoEndpoint, type LocalNode } from './local-node.ts';
import { madePlan, planned } from './planned.ts';

const [netns, podNetns] = [`pod-link-node-${process.pid}`, `pod-link-pod-${process.pid}`];
const shell = (where: string, script: string) =>
  execFileSync('ip', ['netns', 'exec', where, 'sh', '-c', script], { encoding: 'utf8' });
const [address, name] = ['10.244.1.5', hostInterfaceName('shop', 'cart')];
const input = {
  node: 'n1',
  nodeAddress: '10.0.0.9',
  interface: name,
  address,
  namespace: 'shop',
  pod: 'cart',
  datastore: 'etcdv3',
};
const offer = { rule: 'pod-interface-down', subject: { kind: 'Interface', name }, input } as const;
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'cart', namespace: 'shop', uid: 'u1' },
  spec: { nodeName: 'n1', containers: [] },
  status: { phase: 'Running', podIP: address },
};
const endpoint = (spec: object) => JSON.stringify({ metadata: { name: 'e' }, spec });
let node: LocalNode;
const access = (objects: readonly KubernetesObject[] = [pod]) => localAccess(node, objects);
const plan = () => madePlan(fix, access(), offer);
const routes = () =>
  shell(podNetns, 'ip route show')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
const isUp = (where: string, device: string) => /[<,]UP[,>]/.test(shell(where, `ip -o link show dev ${device}`));
const makePod = () =>
  shell(
    netns,
    `ip link delete ${name} 2>/dev/null
     ip link add ${name} type veth peer name eth0 netns ${podNetns}; ip link set ${name} up; ip route replace ${address} dev ${name}
     ip netns exec ${podNetns} sh -c 'ip addr add ${address}/32 dev eth0; ip link set eth0 up
       ip route add 169.254.1.1 dev eth0 scope link; ip route add default via 169.254.1.1 dev eth0'`,
  );
const takeDown = {
  onNode: () => shell(netns, `ip link set ${name} down`),
  inPod: () => shell(podNetns, 'ip link set eth0 down'),
};

beforeAll(() => {
  for (const one of [netns, podNetns]) execFileSync('ip', ['netns', 'add', one]);
});
afterAll(() => {
  for (const one of [netns, podNetns]) execFileSync('ip', ['netns', 'delete', one]);
});
beforeEach(() => {
  node = localNode({}, ['ip', 'netns', 'exec', netns]);
  scriptLiveFelix(node);
  node.says('calicoctl-get-workloadendpoint-json', endpoint({ pod: 'cart', interfaceName: name }));
  makePod();
});

test('what a person approves', () => {
  const found = { index: '7', netns: 'cni-1', onNode: true, inPod: true, lostIpv6: [] };
  expect(planTextOf(fix, { ...input, interface: 'cali0123456789a' }, found)).toBe(goldenText('bring-up-pod-interface'));
});

test.each([
  { ends: ['onNode'], before: 2 },
  { ends: ['inPod'], before: 0 },
  { ends: ['onNode', 'inPod'], before: 0 },
] as const)(
  '%j: both ends are up with the two routes, and after the rollback it is as before',
  async ({ ends, before }) => {
    for (const end of ends) takeDown[end]();
    const approved = await plan();
    const written = await writeFix(fix, access(), approved);
    expect([written.outcome, isUp(netns, name), isUp(podNetns, 'eth0'), routes()]).toEqual([
      'applied',
      true,
      true,
      ['default via 169.254.1.1 dev eth0', '169.254.1.1 dev eth0 scope link'],
    ]);
    expect(await writeFix(fix, access(), approved)).toMatchObject({ outcome: 'superseded' });
    const applied = written.outcome === 'applied' ? written.applied : {};
    expect(await undoFix(fix, access(), approved, applied)).toMatchObject({ ok: true });
    const down: readonly string[] = ends;
    expect([!isUp(netns, name), !isUp(podNetns, 'eth0'), routes().length]).toEqual([
      down.includes('onNode'),
      down.includes('inPod'),
      before,
    ]);
  },
);

test('says that it does not restore IPv6 where the pod has such an address', async () => {
  takeDown.inPod();
  const dual = { ...pod, status: { ...pod.status, podIPs: [{ ip: address }, { ip: '2001:db8::5' }] } };
  expect(await draftFix(fix, access([dual]), input)).toMatchObject({
    draft: {
      reason: expect.stringContaining('It does not add 2001:db8::5 and the IPv6 routes'),
      // The first words are on the card.
      blastRadius: expect.stringMatching(
        /^IPv4 of the pod \S+ on \S+ alone: 2001:db8::5 and its IPv6 routes stay lost\./,
      ),
    },
  });
});

test.each(['ip-route-add-gateway-in-pod', 'ip-route-add-default-in-pod'])(
  'where %s fails, the links are as before, and it says so',
  async (id) => {
    for (const end of ['onNode', 'inPod'] as const) takeDown[end]();
    const approved = await plan();
    node.scripted.set(id, {
      answer: { exit: 2, stderr: 'RTNETLINK answers: No buffer space available' },
      after: false,
    });
    expect(await writeFix(fix, access(), approved)).toMatchObject({
      outcome: 'failed',
      why: expect.stringMatching(/No buffer space available\. Rolled back: .* is down again$/),
    });
    expect([isUp(netns, name), isUp(podNetns, 'eth0'), routes()]).toEqual([false, false, []]);
  },
);

test('says what it applied, and then waits until Felix has given the node its route to the pod', async () => {
  takeDown.onNode();
  const approved = await plan();
  let looks = 0;
  node.before.set('ip-route-show', async () => {
    looks += 1;
    if (looks === 3) shell(netns, `ip route add ${address} dev ${name}`);
  });
  expect(await writeFix(fix, access(), approved)).toMatchObject({ outcome: 'applied' });
  expect(looks).toBe(0);
  await settleFix(fix, access(), approved);
  expect(looks).toBe(3);
});

const notReady: readonly (readonly [
  title: string,
  change: () => unknown,
  why: RegExp,
  objects?: KubernetesObject[],
])[] = [
  ['another name than Calico gives', () => undefined, /not the name that Calico gives/],
  ['the pod is gone', () => undefined, /pod shop\/cart is gone/, []],
  [
    'the pod is being deleted',
    () => undefined,
    /being deleted/,
    [{ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }],
  ],
  [
    'the pod does not run',
    () => undefined,
    /is Failed, not Running/,
    [{ ...pod, status: { ...pod.status, phase: 'Failed' } } as never],
  ],
  [
    'the pod is elsewhere now',
    () => undefined,
    /is on n2/,
    [{ ...pod, spec: { ...pod.spec, nodeName: 'n2' } } as never],
  ],
  [
    'the pod has another address',
    () => undefined,
    /address 10.9.9.9/,
    [{ ...pod, status: { phase: 'Running', podIP: '10.9.9.9' } } as never],
  ],
  ['the datastore has no endpoint of the pod', () => saysNoEndpoint(node), /no endpoint of shop\/cart/],
  [
    'the endpoint has another interface',
    () => node.says('calicoctl-get-workloadendpoint-json', endpoint({ pod: 'cart', interfaceName: 'cali00000000000' })),
    /is of interface cali00000000000/,
  ],
  ['the interface is gone', () => shell(netns, `ip link delete ${name}`), /has no interface/],
  ['the other end is not named', () => node.says('ip-netns-list', '[]'), /does not name the network namespace/],
  [
    'the other end has another address',
    () => shell(podNetns, 'ip addr flush dev eth0'),
    /not an interface with the address/,
  ],
  [
    'the pod has a default route of its own',
    () =>
      shell(
        podNetns,
        'ip link add net1 type veth peer name net2; ip link set net1 up; ip addr add 10.9.0.1/24 dev net1; ip route add default via 10.9.0.2',
      ),
    /by another interface: default via 10.9.0.2/,
  ],
  ['Felix is not live', () => node.says('curl-felix-liveness', 'HTTP/1.1 503 No\r\n'), /Felix of n1 must be live.*503/],
  ['Felix does not run', () => node.says('bash-find-felix', ''), /no Felix process runs/],
];

describe('no button, but the reason and what to do, where', () => {
  test.each(notReady)('%s', async (title, change, why, objects = [pod]) => {
    takeDown.inPod();
    change();
    const asked = title.startsWith('another name') ? { ...input, interface: 'eth0' } : input;
    const drafted = await draftFix(fix, access(objects), asked);
    expect(drafted).toMatchObject({ ok: false, why: expect.stringMatching(why) });
    shell(podNetns, 'ip link delete net1 2>/dev/null || true');
  });

  test('nobody took it down', async () => {
    expect(await fix.look(access(), input)).toMatchObject({ ready: 'done' });
  });

  test.each(['ip-addr-show', 'bash-pod-network-in-pod', 'ip-netns-list'])('%s prints something else', async (id) => {
    takeDown.onNode();
    node.says(id, 'Cannot open');
    expect(await planned(fix, access(), offer)).toMatch(/conditions were not checked/);
  });
});

test('routes of the pod that could not be listed are not taken for none', async () => {
  takeDown.inPod();
  const links = shell(podNetns, 'ip -j -d addr show');
  const stdout = `# links\n${links}\n# addresses\n# routes\n`;
  node.scripted.set('bash-pod-network-in-pod', { answer: { exit: 1, stdout }, after: false });
  expect(await planned(fix, access(), offer)).toMatch(/conditions were not checked/);
});

test.each([
  ['the pod was made anew', () => undefined, { ...pod, metadata: { ...pod.metadata, uid: 'u2' } }],
  ['the interface was made anew', () => [makePod(), takeDown.onNode()], pod],
  ['the other end went down too', takeDown.inPod, pod],
])('is refused where %s since the plan', async (_, change, now) => {
  takeDown.onNode();
  const approved = await plan();
  change();
  expect(await writeFix(fix, access([now]), approved)).toMatchObject({
    outcome: 'refused',
    why: expect.stringMatching(/changed since the plan/),
  });
});

test('leaves an interface that was made anew alone when it rolls back', async () => {
  takeDown.onNode();
  const approved = await plan();
  const written = await writeFix(fix, access(), approved);
  makePod();
  const applied = written.outcome === 'applied' ? written.applied : {};
  expect(await undoFix(fix, access(), approved, applied)).toMatchObject({ ok: true });
  expect(isUp(netns, name)).toBe(true);
});

test('with the Kubernetes datastore the pod is the endpoint, and calicoctl is not asked', async () => {
  takeDown.onNode();
  const asked = { ...input, datastore: 'kubernetes' };
  expect(await draftFix(fix, access(), asked)).toMatchObject({ ok: true });
  const onHost = { ...pod, spec: { ...pod.spec, hostNetwork: true } };
  expect(await draftFix(fix, access([onHost]), asked)).toMatchObject({
    ok: false,
    why: expect.stringMatching(/no endpoint of shop\/cart/),
  });
  expect(node.ran.filter((line) => line.startsWith('calicoctl'))).toEqual([]);
});
