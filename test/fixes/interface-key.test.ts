/** What fixes that turn on one key of one interface do, on a kernel of their own. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { refuse } from '../../src/fixes/kit/conditions.ts';
import { turnsOn } from '../../src/fixes/kit/interface-key.ts';
import { defineCommand } from '../../src/model/command.ts';
import type { FixContext } from '../../src/model/fix.ts';
import type { InterfaceKey } from '../../src/model/fix-inputs.ts';
import { LookError } from '../../src/model/look-error.ts';
import { knownObjects, noWrites } from './known-objects.ts';
import { localNode, type LocalNode } from './local-node.ts';

const netns = `interface-key-${process.pid}`;
const inside = ['ip', 'netns', 'exec', netns];
const inNode = (...argv: readonly string[]) =>
  execFileSync('ip', ['netns', 'exec', netns, ...argv], { encoding: 'utf8' });
const keyNow = (name = 'cali1') => inNode('sysctl', '-n', `net/ipv4/conf/${name}/proxy_arp`).trim();
const set = (key: string, value: 0 | 1) => inNode('sysctl', '-qw', `net/ipv4/conf/${key}=${value}`);
const keys = () => inNode('grep', '-r', '.', '/proc/sys/net/ipv4/conf').split('\n').toSorted();

const setting = (id: string, value: 0 | 1) =>
  defineCommand({
    id,
    argv: ['sysctl', '-w', `net/ipv4/conf/{interface:interface}/proxy_arp=${value}`],
    timeoutSeconds: 5,
    maxBytes: 1000,
    writes: true,
  });
const its = turnsOn<InterfaceKey>({
  key: 'proxy_arp',
  on: setting('on', 1),
  off: setting('off', 0),
  title: ({ interface: name }) => `Turn on ${name}`,
  reason: 'It is off.',
  blastRadius: ({ interface: name }) => `interface ${name}`,
  scope: ({ node }) => ({ kind: 'node', node }),
});
const input: InterfaceKey = { node: 'n1', nodeAddress: '10.0.0.1', interface: 'cali1' };
let node: LocalNode;
let context: FixContext;

beforeAll(() => {
  execFileSync('ip', ['netns', 'add', netns]);
});
afterAll(() => {
  execFileSync('ip', ['netns', 'delete', netns]);
});
beforeEach(() => {
  inNode('sh', '-c', 'ip link delete cali1 2>/dev/null; ip link add cali1 type veth peer name peer');
  inNode('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  node = localNode({}, inside);
  context = {
    cluster: knownObjects([]),
    writer: noWrites,
    shells: node,
    clock: { now: () => new Date('2026-01-01T00:00:00Z'), sleep: async () => undefined },
  };
});
const found = async (of = its) => {
  const readiness = await of.look(context, input);
  if (readiness.ready !== 'yes') throw new Error(readiness.why);
  return readiness.found;
};

const apply = async () => {
  const written = await its.write(context, input, await found());
  return written.outcome === 'applied' ? written.applied : {};
};

test('the key is set, nothing else is, and the rollback sets it back', async () => {
  const before = keys();
  const written = await its.write(context, input, await found());
  expect(written.outcome).toBe('applied');
  expect(keys().filter((line) => !before.includes(line))).toEqual(['/proc/sys/net/ipv4/conf/cali1/proxy_arp:1']);
  expect(await its.undo(context, input, written.outcome === 'applied' ? written.applied : {})).toEqual({
    ok: true,
    why: 'net.ipv4.conf.cali1.proxy_arp is 0 again',
  });
  expect(keys()).toEqual(before);
});

test('conditions: this very interface, a node that forwards, and the key that is 0', async () => {
  const readiness = await its.look(context, input);
  expect(readiness.ready === 'yes' && readiness.conditions.map(({ id, value }) => [id, value])).toEqual([
    ['interface', expect.stringMatching(/^\d+$/)],
    ['node-forwards', '1'],
    ['key', '0'],
  ]);
});

describe('does not act', () => {
  test('the key is on already: done', async () => {
    set('cali1/proxy_arp', 1);
    expect(await its.look(context, input)).toMatchObject({ ready: 'done' });
  });
  test('the interface is gone', async () => {
    inNode('ip', 'link', 'delete', 'cali1');
    expect(await its.look(context, input)).toMatchObject({ ready: 'no', why: 'n1 has no interface cali1 any more' });
  });
  test('forwarding is off for the whole node', async () => {
    inNode('sysctl', '-qw', 'net.ipv4.ip_forward=0');
    expect(await its.look(context, input)).toMatchObject({ ready: 'no', why: expect.stringMatching(/whole node/) });
  });
  test('a condition of its own fails', async () => {
    const strict = turnsOn<InterfaceKey>({
      key: 'proxy_arp',
      on: setting('on', 1),
      off: setting('off', 0),
      title: () => '',
      reason: '',
      blastRadius: () => '',
      scope: ({ node }) => ({ kind: 'node', node }),
      further: async () => refuse('the node has no route'),
    });
    expect(await strict.look(context, input)).toMatchObject({ ready: 'no', why: 'the node has no route' });
  });
  test.each([
    ['grep-interface-settings', { stdout: '' }],
    ['grep-interface-settings', { exit: null, timedOut: true, stdout: '' }],
    ['ip-addr-show', { stdout: 'nothing' }],
    ['ip-addr-show', new LookError('ssh-lost', 'gone')],
  ])('what it reads is not to be had: %s %j', async (id, answer) => {
    node.scripted.set(id, { answer, after: false });
    await expect(its.look(context, input)).rejects.toBeInstanceOf(LookError);
  });
});

describe('an outcome that is not known', () => {
  test.each([
    ['the connection is lost', new LookError('ssh-lost', 'gone'), /may be set or not: gone/],
    ['the node ended it', { exit: null }, /may be set or not: sysctl .* did not end in time/],
    ['sysctl is refused', { exit: 255, stderr: 'permission denied' }, /permission denied/],
  ])('%s: failed', async (_, answer, why) => {
    const now = await found();
    node.scripted.set('on', { answer, after: false });
    expect(await its.write(context, input, now)).toMatchObject({ outcome: 'failed', why: expect.stringMatching(why) });
  });
});

describe('rollback', () => {
  test('somebody turned it off in the meantime', async () => {
    const applied = await apply();
    set('cali1/proxy_arp', 0);
    expect(await its.undo(context, input, applied)).toMatchObject({
      ok: true,
      why: expect.stringMatching(/0 already/),
    });
  });
  test("another interface of the same name is left alone: its keys are its maker's", async () => {
    const applied = await apply();
    inNode('sh', '-c', 'ip link delete cali1; ip link add cali1 type veth peer name peer');
    set('cali1/proxy_arp', 1);
    expect(await its.undo(context, input, applied)).toMatchObject({ ok: true });
    expect(keyNow()).toBe('1');
  });
  test('the connection is lost: it may be set or not', async () => {
    const applied = await apply();
    node.scripted.set('off', { answer: new LookError('ssh-lost', 'gone'), after: false });
    expect(await its.undo(context, input, applied)).toMatchObject({ ok: false, why: expect.stringMatching(/may be/) });
  });
});

test('names the file that will turn it off again', async () => {
  const line = '/etc/sysctl.d/90-node.conf:net.ipv4.conf.cali*.proxy_arp = 0';
  const real = inNode('grep', '-r', '.', '/proc/sys/net/ipv4/conf');
  node.scripted.set('grep-interface-settings', { answer: { stdout: `${real}${line}\n` }, after: false });
  expect(its.draft(input, await found()).reason).toContain('/etc/sysctl.d/90-node.conf turns it off again');
});
