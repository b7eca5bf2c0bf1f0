import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { turnOnProxyArp } from '../../src/fixes/turn-on-proxy-arp/turn-on-proxy-arp.ts';
import { undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { goldenText, planTextOf } from './golden-plan.ts';
import { localAccess, localNode } from './local-node.ts';
import { madePlan, planned } from './planned.ts';

/** A node, the pod behind its cali1, and the network behind its eth0. */
const [node, pod] = [`proxy-arp-node-${process.pid}`, `proxy-arp-pod-${process.pid}`];
const shell = (netns: string, script: string) =>
  execFileSync('ip', ['netns', 'exec', netns, 'sh', '-c', script], { encoding: 'utf8' });
const input = { node: 'n1', nodeAddress: '10.0.0.9', interface: 'cali1', address: '10.244.1.5' };
const offer = { rule: 'pod-gateway-silent', subject: { kind: 'Interface', name: 'cali1' }, input } as const;
const access = localAccess(localNode({}, ['ip', 'netns', 'exec', node]));
/** Does the node answer the pod's ARP for its gateway? The kernel asks three times, a second apart. */
const isAnswered = () => {
  shell(pod, 'ip neigh flush dev eth0; ping -c1 -W4 10.9.0.1 >/dev/null 2>&1 || true');
  return / lladdr /.test(shell(pod, 'ip neigh show to 169.254.1.1'));
};

beforeAll(() => {
  for (const netns of [node, pod]) execFileSync('ip', ['netns', 'add', netns]);
  shell(
    node,
    `ip link add cali1 type veth peer name eth0 netns ${pod}; ip link set cali1 up; ip link add eth0 type veth peer name far; ip link set far up
     ip link set eth0 up; ip addr add 10.9.0.1/24 dev eth0; ip route add 10.244.1.5 dev cali1; sysctl -qw net.ipv4.ip_forward=1 net.ipv4.neigh.cali1.proxy_delay=0`,
  );
  shell(
    pod,
    'ip addr add 10.244.1.5/32 dev eth0; ip link set eth0 up; ip route add 169.254.1.1 dev eth0 scope link; ip route add default via 169.254.1.1',
  );
});
afterAll(() => {
  for (const netns of [node, pod]) execFileSync('ip', ['netns', 'delete', netns]);
});
beforeEach(() => {
  shell(node, 'ip route replace default via 10.9.0.2; sysctl -qw net/ipv4/conf/cali1/proxy_arp=0');
});

test('what a person approves', () => {
  const found = { index: '7', nodeForwards: '1', forwarding: '1', proxy_arp: '0', savedIn: '' };
  expect(planTextOf(turnOnProxyArp, input, found)).toBe(goldenText('turn-on-proxy-arp'));
});

test('the node answers for the gateway of the pod, and not after the rollback', async () => {
  const plan = await madePlan(turnOnProxyArp, access, offer);
  expect(isAnswered()).toBe(false);
  const written = await writeFix(turnOnProxyArp, access, plan);
  expect(isAnswered()).toBe(true);
  const applied = written.outcome === 'applied' ? written.applied : {};
  expect(await undoFix(turnOnProxyArp, access, plan, applied)).toMatchObject({ ok: true });
  expect(isAnswered()).toBe(false);
}, 30_000);

test('no plan where the node has no route for the gateway: the key alone changes nothing', async () => {
  shell(node, 'ip route delete default');
  expect(await planned(turnOnProxyArp, access, offer)).toMatch(/proxy ARP alone does not help/);
});

test('refuses to act where the node has lost that route since the plan', async () => {
  const plan = await madePlan(turnOnProxyArp, access, offer);
  shell(node, 'ip route delete default');
  expect(await writeFix(turnOnProxyArp, access, plan)).toMatchObject({ outcome: 'refused' });
});
