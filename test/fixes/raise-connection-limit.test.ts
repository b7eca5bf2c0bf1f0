/** The bound is of the whole machine, and no network namespace has one of its own: here, a node says it. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { raiseConnectionLimit as fix } from '../../src/fixes/raise-connection-limit/raise-connection-limit.ts';
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
  node = localNode({});
  answers('grep-kernel-counters', () => {
    now.drops += now.dropsMore;
    return counters(now);
  });
  answers(
    'grep-connection-room',
    () =>
      `/proc/meminfo:MemAvailable:   ${now.availableKb} kB\n` +
      `/proc/sys/net/netfilter/nf_conntrack_buckets:${now.buckets}\n`,
  );
  node.says('head-connections', table(['10.244.1.7', 90], ['10.244.1.8', 9], ['10.244.1.9', 1]));
  node.says('sysctl-connection-limit', 'net.netfilter.nf_conntrack_max = …\n');
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

const sysctls = () => node.ran.filter((line) => line.startsWith('sysctl'));
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
  expect(written).toMatchObject({ outcome: 'applied', applied: { before: '262144', now: '524288' } });
  now.limit = 524_288;
  expect(await writeFix(fix, localAccess(node), approved)).toMatchObject({ outcome: 'superseded' });
  const applied = written.outcome === 'applied' ? written.applied : {};
  expect(await undoFix(fix, localAccess(node), approved, applied)).toMatchObject({ ok: true });
  now.limit = 262_144;
  expect(await undoFix(fix, localAccess(node), approved, applied)).toMatchObject({
    ok: true,
    why: expect.stringContaining('already'),
  });
  expect(sysctls()).toEqual([
    'sysctl -w net.netfilter.nf_conntrack_max=524288',
    'sysctl -w net.netfilter.nf_conntrack_max=262144',
  ]);
});

test('leaves alone what somebody set since', async () => {
  const approved = await plan();
  now.limit = 1_000_000;
  expect(await undoFix(fix, localAccess(node), approved, { before: '262144', now: '524288' })).toEqual({
    ok: false,
    why: 'nf_conntrack_max of n1 is left alone: somebody set it to 1000000',
    evidence: expect.anything(),
  });
  expect(sysctls()).toEqual([]);
});

describe('no button', () => {
  test.each<[string, Partial<typeof kernel>, string]>([
    ['where the table has room', { count: 200_000 }, 'has room: 200000 of 262144'],
    ['where nothing is dropped now', { dropsMore: 0 }, 'dropped no packet for want of room'],
    ['where the memory is short', { availableKb: 4_000_000 }, 'more than 2 % of the memory'],
    ['where the lists are few', { buckets: 16_384 }, '16384 lists, too few for 524288'],
    ['for a bound that is small on purpose', { limit: 5000, count: 5000 }, 'on purpose'],
    ['for one beyond what the command takes', { limit: 60_000_000, count: 60_000_000 }, 'larger than'],
  ])('%s', async (_, change, said) => {
    Object.assign(now, change);
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

test('an outcome that is not known is failed, and says both bounds', async () => {
  const approved = await plan();
  node.scripted.set('sysctl-connection-limit', { answer: new LookError('ssh-lost', 'gone'), after: false });
  expect(await writeFix(fix, localAccess(node), approved)).toMatchObject({
    outcome: 'failed',
    why: expect.stringContaining('may be 524288 or 262144: gone'),
  });
});
