import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { turnOnForwarding } from '../../src/fixes/turn-on-forwarding/turn-on-forwarding.ts';
import { undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { goldenText, planTextOf } from './golden-plan.ts';
import { localAccess, localNode } from './local-node.ts';
import { madePlan } from './planned.ts';

const netns = `forwarding-${process.pid}`;
const inside = ['ip', 'netns', 'exec', netns];
const inNode = (...argv: readonly string[]) => execFileSync('ip', [...inside.slice(1), ...argv], { encoding: 'utf8' });
const forwarding = () =>
  inNode('grep', '-r', '--include=forwarding', '.', '/proc/sys/net/ipv4/conf').trim().split('\n').toSorted();
const setOff = () => inNode('sysctl', '-qw', 'net/ipv4/conf/cali1/forwarding=0');
const input = { node: 'n1', nodeAddress: '10.0.0.9', interface: 'cali1' };
const offer = { rule: 'ip-forward-disabled', subject: { kind: 'Interface', name: 'cali1' }, input } as const;
const node = localNode({}, inside);
const access = localAccess(node);
const plan = () => madePlan(turnOnForwarding, access, offer);

beforeAll(() => {
  execFileSync('ip', ['netns', 'add', netns]);
  inNode('sh', '-c', 'ip link add cali1 type veth peer name peer; sysctl -qw net.ipv4.ip_forward=1');
});
afterAll(() => {
  execFileSync('ip', ['netns', 'delete', netns]);
});

test('what a person approves', () => {
  const found = {
    index: '7',
    nodeForwards: '1',
    forwarding: '0',
    proxy_arp: '1',
    savedIn: '/etc/sysctl.d/90-node.conf',
  };
  expect(planTextOf(turnOnForwarding, input, found)).toBe(goldenText('turn-on-forwarding'));
});

test('the kernel forwards by this interface again, by no other one, and not after the rollback', async () => {
  inNode('sysctl', '-qw', 'net/ipv4/conf/peer/forwarding=0');
  setOff();
  const before = forwarding();
  const approved = await plan();
  const written = await writeFix(turnOnForwarding, access, approved);
  expect(written.outcome).toBe('applied');
  expect(forwarding().filter((line) => !before.includes(line))).toEqual(['/proc/sys/net/ipv4/conf/cali1/forwarding:1']);
  const applied = written.outcome === 'applied' ? written.applied : {};
  expect(await undoFix(turnOnForwarding, access, approved, applied)).toMatchObject({ ok: true });
  expect(forwarding()).toEqual(before);
});

test('applied twice is applied once', async () => {
  setOff();
  const approved = await plan();
  await writeFix(turnOnForwarding, access, approved);
  expect(await writeFix(turnOnForwarding, access, approved)).toMatchObject({ outcome: 'superseded' });
});

test('refuses to act on an interface that was made anew since the plan', async () => {
  setOff();
  const approved = await plan();
  inNode('sh', '-c', 'ip link delete cali1; ip link add cali1 type veth peer name peer');
  setOff();
  expect(await writeFix(turnOnForwarding, access, approved)).toMatchObject({
    outcome: 'refused',
    why: expect.stringMatching(/interface cali1 is the same as when planned/),
  });
});
