/** On a kernel of its own, with a VXLAN device: kernels have no IPIP module everywhere. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bringUpTunnelDevice as fix } from '../../src/fixes/bring-up-tunnel-device/bring-up-tunnel-device.ts';
import { deviceCommands, tunnelCommands } from '../../src/fixes/bring-up-tunnel-device/devices.ts';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import { draftFix, undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { tunnels } from '../../src/tunnels/registry.ts';
import { goldenText, planTextOf } from './golden-plan.ts';
import { scriptLiveFelix } from './live-felix.ts';
import { localAccess, localNode, type LocalNode } from './local-node.ts';
import { madePlan } from './planned.ts';

const netns = `tunnel-link-${process.pid}`;
const shell = (script: string) =>
  execFileSync('ip', ['netns', 'exec', netns, 'sh', '-c', script], { encoding: 'utf8' });
const device = 'vxlan.calico';
const input = { node: 'n1', nodeAddress: '10.0.0.9', interface: device };
const offer = { rule: 'tunnel-device-down', subject: { kind: 'Interface', name: device }, input } as const;
const annotatedNode = (annotations: Record<string, string>) => ({
  kind: 'Node',
  metadata: { name: 'n1', annotations },
});
const known = annotatedNode({ 'projectcalico.org/IPv4VXLANTunnelAddr': '10.244.1.0' });
let node: LocalNode;
const access = (objects: readonly KubernetesObject[] = [known]) => localAccess(node, objects);
const plan = () => madePlan(fix, access(), offer);
const isUp = () => /[<,]UP[,>]/.test(shell(`ip -o link show dev ${device}`));
const makeDevice = () =>
  shell(
    `ip link delete ${device} 2>/dev/null; ip link add ${device} type vxlan id 4096 dstport 4789 local 10.0.0.9
     ip addr add 10.244.1.0/32 dev ${device}`,
  );

beforeAll(() => {
  execFileSync('ip', ['netns', 'add', netns]);
  shell('ip link add eth0 type veth peer name far; ip link set eth0 up; ip addr add 10.0.0.9/24 dev eth0');
});
afterAll(() => {
  execFileSync('ip', ['netns', 'delete', netns]);
});
beforeEach(() => {
  node = localNode({}, ['ip', 'netns', 'exec', netns]);
  scriptLiveFelix(node);
  node.says('calicoctl-get-node', 'spec:\n  bgp:\n    ipv4Address: 10.0.0.9/24\n');
  makeDevice();
});

test('what a person approves', () => {
  const found = { index: '7', address: '10.244.1.0' };
  expect(planTextOf(fix, { ...input, interface: 'tunl0' }, found)).toBe(goldenText('bring-up-tunnel-device'));
});

test('every device of a tunnel has its commands, and they name no other device', () => {
  const names = tunnels.flatMap((tunnel) => (tunnel.device ? [tunnel.device.name] : []));
  expect(names.map((name) => tunnelCommands(name)?.up.argv)).toEqual(
    names.map((name) => ['ip', 'link', 'set', 'dev', name, 'up']),
  );
  expect(deviceCommands.map(({ argv }) => argv.join(' '))).toEqual(
    names.flatMap((name) => [`ip link set dev ${name} up`, `ip link set dev ${name} down`]),
  );
  expect(tunnelCommands('eth0')).toBeNull();
});

test('the device is up, and not after the rollback; applied twice is applied once', async () => {
  const approved = await plan();
  const written = await writeFix(fix, access(), approved);
  expect([written.outcome, isUp()]).toEqual(['applied', true]);
  expect(await writeFix(fix, access(), approved)).toMatchObject({ outcome: 'superseded' });
  const applied = written.outcome === 'applied' ? written.applied : {};
  expect(await undoFix(fix, access(), approved, applied)).toMatchObject({ ok: true });
  expect(isUp()).toBe(false);
});

test("the address of Calico's own node object counts where the Kubernetes node has none", async () => {
  node.says('calicoctl-get-node', 'spec:\n  bgp:\n    ipv4Address: 10.0.0.9/24\n  ipv4VXLANTunnelAddr: 10.244.1.0\n');
  expect(await draftFix(fix, access([annotatedNode({})]), input)).toMatchObject({
    ok: true,
    conditions: expect.arrayContaining([expect.objectContaining({ id: 'address', value: '10.244.1.0' })]),
  });
});

const notReady: readonly (readonly [
  title: string,
  change: () => unknown,
  why: RegExp,
  objects?: KubernetesObject[],
])[] = [
  ['the device is missing', () => shell(`ip link delete ${device}`), /has no device/],
  ['Calico gave it no address', () => undefined, /has no address of vxlan.calico for n1, so/, [annotatedNode({})]],
  [
    'the other tunnel has an address',
    () => undefined,
    /has no address of/,
    [annotatedNode({ 'projectcalico.org/IPv4IPIPTunnelAddr': '10.244.1.0' })],
  ],
  ['its address could not be read', () => node.says('calicoctl-get-node', '', 1), /for n1 that could be read/, []],
  [
    'it has another address',
    () => shell(`ip addr flush dev ${device}; ip addr add 10.9.9.9/32 dev ${device}`),
    /has 10.9.9.9, and Calico gave it 10.244.1.0/,
  ],
  ['it has no address', () => shell(`ip addr flush dev ${device}`), /has no address, and/],
  ['Felix is not live', () => node.says('curl-felix-liveness', 'HTTP/1.1 503 No\r\n'), /Felix of n1 must be live.*503/],
];

describe('no button, but the reason and what to do, where', () => {
  test.each(notReady)('%s', async (_, change, why, objects = [known]) => {
    change();
    expect(await draftFix(fix, access(objects), input)).toMatchObject({
      ok: false,
      why: expect.stringMatching(why),
      advice: expect.arrayContaining([expect.any(String)]),
    });
  });
  test('it is not a device of Calico', async () => {
    expect(await draftFix(fix, access(), { ...input, interface: 'eth0' })).toMatchObject({ ok: false });
  });
  test('it is up', async () => {
    shell(`ip link set ${device} up`);
    expect(await fix.look(access(), input)).toMatchObject({ ready: 'done' });
  });
});

test.each([
  ['the device was made anew', makeDevice],
  ['the address was changed', () => shell(`ip addr add 10.244.9.0/32 dev ${device}`)],
])('is refused where %s since the plan', async (_, change) => {
  const approved = await plan();
  change();
  const changedNode = annotatedNode({ 'projectcalico.org/IPv4VXLANTunnelAddr': '10.244.9.0' });
  expect(await writeFix(fix, access([change === makeDevice ? known : changedNode]), approved)).toMatchObject({
    outcome: 'refused',
    why: expect.stringMatching(/changed since the plan/),
  });
});

test('leaves a device that was made anew alone when it rolls back', async () => {
  const approved = await plan();
  const written = await writeFix(fix, access(), approved);
  makeDevice();
  shell(`ip link set ${device} up`);
  const applied = written.outcome === 'applied' ? written.applied : {};
  expect(await undoFix(fix, access(), approved, applied)).toMatchObject({ ok: true });
  expect(isUp()).toBe(true);
});
