/**
 * The bound is of the whole machine, and no network namespace has one of its own. So the node's files are others: in a
 * mount namespace of each command, they stand where the kernel has its own.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { raiseConnectionLimit as fix } from '../../src/fixes/raise-connection-limit/raise-connection-limit.ts';
import { bashConnectionsDouble, bashConnectionsHalve } from '../../src/commands/bash-connections.ts';
import { LookError } from '../../src/model/look-error.ts';
import { undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { goldenText, planTextOf } from './golden-plan.ts';
import { localAccess, localNode, type LocalNode } from './local-node.ts';
import { madePlan, planned } from './planned.ts';

const input = { node: 'n1', nodeAddress: '10.0.0.9' };
const offer = { rule: 'conntrack-table-full', subject: { kind: 'Node', name: 'n1' }, input } as const;

/** What the kernel of the node says; it drops one packet more each time that it is asked. */
const kernel = { limit: 262_144, count: 262_100, drops: 7, dropsMore: 1, availableKb: 8_000_000, buckets: 65_536 };
let now: typeof kernel;
let node: LocalNode;
const folder = mkdtempSync(join(tmpdir(), 'cc-limit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const files = {
  limit: '/proc/sys/net/netfilter/nf_conntrack_max',
  count: '/proc/sys/net/netfilter/nf_conntrack_count',
  memory: '/proc/meminfo',
};
const mounts = Object.entries(files).map(([name, path]) => `mount --bind ${join(folder, name)} ${path}`);
const inside = ['unshare', '--mount', 'bash', '-c', `${mounts.join(' && ')} && exec "$@"`, '--'];
/** Lets the node be as the kernel of now. */
const put = (change: Partial<typeof kernel> = {}) => {
  Object.assign(now, change);
  writeFileSync(join(folder, 'limit'), `${now.limit}\n`);
  writeFileSync(join(folder, 'count'), `${now.count}\n`);
  writeFileSync(join(folder, 'memory'), `MemTotal:       99999999 kB\nMemAvailable:   ${now.availableKb} kB\n`);
};
/** The bound as the node has it by now. */
const limit = () => readFileSync(join(folder, 'limit'), 'utf8').trim();

const counters = ({ count, limit, drops }: typeof kernel) =>
  [
    `/proc/sys/net/netfilter/nf_conntrack_count:${count}`,
    `/proc/sys/net/netfilter/nf_conntrack_max:${limit}`,
    '/proc/net/stat/nf_conntrack:entries  found insert drop',
    `/proc/net/stat/nf_conntrack:0000ffff  00000000 00000000 ${drops.toString(16).padStart(8, '0')}`,
  ].join('\n');
const entry = (source: string) =>
  `ipv4     2 tcp      6 431999 ESTABLISHED src=${source} dst=10.96.0.1 sport=40000 dport=443 src=10.0.0.1 dst=${source} ` +
  'sport=443 dport=40000 [ASSURED] mark=0 zone=0 use=2';
const table = (...sources: readonly (readonly [string, number])[]) =>
  sources.flatMap(([source, count]) => Array.from({ length: count }, () => entry(source))).join('\n');

beforeEach(() => {
  now = { ...kernel };
  put();
  node = localNode({}, inside);
  answers('grep-kernel-counters', () => {
    now.drops += now.dropsMore;
    return counters({ ...now, limit: Number(limit()) });
  });
  answers(
    'grep-connection-room',
    () =>
      `/proc/meminfo:MemAvailable:   ${now.availableKb} kB\n` +
      `/proc/sys/net/netfilter/nf_conntrack_buckets:${now.buckets}\n`,
  );
  node.says('head-connections', table(['10.244.1.7', 90], ['10.244.1.8', 9], ['10.244.1.9', 1]));
});

/** Lets the node say what it says by then. */
function answers(id: string, say: () => string): void {
  const script = {
    get answer() {
      return { stdout: say(), exit: 0 };
    },
    after: false,
  };
  node.scripted.set(id, script);
}

const plan = () => madePlan(fix, localAccess(node), offer);
const why = async () => {
  const made = await planned(fix, localAccess(node), offer);
  return typeof made === 'string' ? made : 'planned';
};

test('what a person approves', () => {
  const found = { limit: 262_144, wanted: 524_288, megabytes: 84, talkers: '10.244.1.7 (90 %), 10.244.1.8 (9 %)' };
  expect(planTextOf(fix, input, found)).toBe(goldenText('raise-connection-limit'));
});

test('doubles the bound once, and the rollback sets the one before', async () => {
  const approved = await plan();
  expect(approved.reason).toContain('10.244.1.7 (90 %), 10.244.1.8 (9 %), 10.244.1.9 (1 %)');
  const written = await writeFix(fix, localAccess(node), approved);
  expect([written, limit()]).toMatchObject([
    { outcome: 'applied', applied: { before: '262144', now: '524288' } },
    '524288',
  ]);
  expect(await writeFix(fix, localAccess(node), approved)).toMatchObject({ outcome: 'superseded' });
  const applied = written.outcome === 'applied' ? written.applied : {};
  put({ limit: 524_288, count: 200_000 });
  expect(await undoFix(fix, localAccess(node), approved, applied)).toMatchObject({ ok: true });
  expect(limit()).toBe('262144');
  expect(await undoFix(fix, localAccess(node), approved, applied)).toMatchObject({
    ok: true,
    why: expect.stringContaining('already'),
  });
  expect(limit()).toBe('262144');
});

const applied = { before: '262144', now: '524288' };

test.each<[string, Partial<typeof kernel>, string]>([
  ['somebody set since', { limit: 1_000_000 }, 'nf_conntrack_max of n1 is left alone: somebody set it to 1000000'],
  ['the connections of now need', { limit: 524_288, count: 400_000 }, '400000 connections are tracked'],
])('the rollback leaves what %s', async (_, change, why) => {
  const approved = await plan();
  put(change);
  expect(await undoFix(fix, localAccess(node), approved, applied)).toMatchObject({
    ok: false,
    why: expect.stringContaining(why),
  });
  expect(limit()).toBe(String(change.limit));
});

describe('the node itself refuses, whatever it is asked', () => {
  test.each<[string, Partial<typeof kernel>, 'double' | 'halve']>([
    ['to double a table that has room', { count: 200_000 }, 'double'],
    ['to double beyond its memory', { availableKb: 4_000_000 }, 'double'],
    ['to halve below the usual bound', { limit: 131_070, count: 1 }, 'halve'],
    ['to halve below what is tracked', { count: 131_000 }, 'halve'],
  ])('%s', async (_, change, what) => {
    put(change);
    const command = what === 'double' ? bashConnectionsDouble : bashConnectionsHalve;
    const shell = node.shell({ name: 'n1', address: '10.0.0.9' });
    expect(await shell.start({ command, moment: 'first', params: {} }).result).toMatchObject({ exit: 3 });
    expect(limit()).toBe(String(now.limit));
  });

  test('and says so where that is since the plan', async () => {
    const approved = await plan();
    node.before.set('bash-connections-double', async () => put({ count: 100 }));
    expect(await writeFix(fix, localAccess(node), approved)).toMatchObject({
      outcome: 'refused',
      why: 'n1 does not double it: the table has room: 100 of 262144',
    });
  });
});

describe('no button', () => {
  test.each<[string, Partial<typeof kernel>, string]>([
    ['where the table has room', { count: 200_000 }, 'has room: 200000 of 262144'],
    ['where nothing is dropped now', { dropsMore: 0 }, 'dropped no packet for want of room'],
    ['where the memory is short', { availableKb: 4_000_000 }, 'more than 2 % of the memory'],
    ['where the lists are few', { buckets: 16_384 }, '16384 lists, too few for 524288'],
    ['for a bound that is small on purpose', { limit: 5000, count: 5000 }, 'on purpose'],
  ])('%s', async (_, change, said) => {
    put(change);
    expect(await why()).toContain(said);
  });

  test.each([
    ['the counters', 'grep-kernel-counters', 'does not say how many connections it tracks'],
    ['memory and lists', 'grep-connection-room', 'does not say how much memory'],
    ['who has the entries', 'head-connections', 'prints no entry'],
  ])('where the node does not say %s', async (_, command, said) => {
    node.says(command, 'nothing of that\n');
    expect(await why()).toContain(said);
  });

  test('where the kernel has no file of its connections', async () => {
    node.says('head-connections', '', 1);
    expect(await why()).toContain('head-connections: exit 1');
  });
});

test('a bound that somebody set meanwhile is not the one that was approved, and not called so', async () => {
  const approved = await plan();
  node.before.set('bash-connections-double', async () => put({ limit: 131_072, count: 131_072 }));
  expect([await writeFix(fix, localAccess(node), approved), limit()]).toMatchObject([
    {
      outcome: 'failed',
      why: 'nf_conntrack_max of n1 is 262144 now, not 524288: somebody else set it. Check it by hand',
    },
    '262144',
  ]);
});

test('an outcome that is not known is failed, and says both bounds', async () => {
  const approved = await plan();
  node.scripted.set('bash-connections-double', { answer: new LookError('ssh-lost', 'gone'), after: false });
  expect(await writeFix(fix, localAccess(node), approved)).toMatchObject({
    outcome: 'failed',
    why: expect.stringContaining('may be 524288 or 262144: gone'),
  });
});
