import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { deleteConnectionEntry } from '../../src/fixes/delete-connection-entry/delete-connection-entry.ts';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import { LookError } from '../../src/model/look-error.ts';
import { undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { goldenText, planTextOf } from './golden-plan.ts';
import { knownObjects } from './known-objects.ts';
import { localAccess, localNode } from './local-node.ts';
import { madePlan, planned } from './planned.ts';

const netns = `connection-entry-${process.pid}`;
const conntrack = (...words: readonly string[]) =>
  execFileSync('ip', ['netns', 'exec', netns, 'conntrack', ...words], { encoding: 'utf8', stdio: 'pipe' });
const input = {
  node: 'n1',
  nodeAddress: '10.0.0.9',
  protocol: 'udp' as const,
  source: '10.244.2.7',
  sourcePort: 40_001,
  destination: '10.96.0.10',
  port: 53,
  sentTo: '10.244.1.60',
  namespace: 'default',
  service: 'web',
};
const offer = { rule: 'conntrack-entry-stale', subject: { kind: 'Service', name: 'default/web' }, input } as const;
const tuple = (sourcePort: number) => [
  '-p',
  'udp',
  '-s',
  input.source,
  '-d',
  input.destination,
  '--sport',
  `${sourcePort}`,
];
const insert = (sourcePort: number, sentTo: string) =>
  conntrack(
    '-I',
    ...tuple(sourcePort),
    '--dport',
    '53',
    '-r',
    sentTo,
    '-q',
    input.source,
    '--reply-port-src',
    '53',
    '--reply-port-dst',
    `${sourcePort}`,
    '-t',
    '600',
  );
const clientPorts = () =>
  [...conntrack('-L').matchAll(/sport=(\d+) dport=53 /g)]
    .map(([, port]) => Number(port))
    .toSorted((one, other) => one - other);

/** Endpoints of the Service; null: the API server does not answer. */
let endpoints: readonly string[] | null;
/** How many slices of them the API server returns. */
let slices = 1;
const node = localNode({}, ['ip', 'netns', 'exec', netns]);
const access: ClusterAccess = {
  ...localAccess(node),
  cluster: {
    ...knownObjects([]),
    list: async () => {
      const said = { request: 'LIST EndpointSlice', at: '2026-01-01T00:00:00.000Z' };
      return endpoints === null
        ? { ok: false, status: null, reason: 'no answer', ...said }
        : {
            ok: true,
            value: Array.from({ length: slices }, () => ({ endpoints: [{ addresses: endpoints }] })) as never,
            ...said,
          };
    },
  },
};
const plan = () => madePlan(deleteConnectionEntry, access, offer);

beforeAll(() => {
  execFileSync('ip', ['netns', 'add', netns]);
});
afterAll(() => {
  execFileSync('ip', ['netns', 'delete', netns]);
});
beforeEach(() => {
  endpoints = ['10.244.1.5'];
  slices = 1;
  node.scripted.clear();
  conntrack('-F');
  insert(40_001, input.sentTo);
  insert(40_002, input.sentTo);
});

test('what a person approves', () => {
  expect(planTextOf(deleteConnectionEntry, input, null)).toBe(goldenText('delete-connection-entry'));
});

test('one entry goes, and the other of the same client stays', async () => {
  expect(await writeFix(deleteConnectionEntry, access, await plan())).toMatchObject({ outcome: 'applied' });
  expect(clientPorts()).toEqual([40_002]);
});

test('it cannot be put back', async () => {
  const made = await plan();
  expect([made.rollback.kind, await undoFix(deleteConnectionEntry, access, made, {})]).toMatchObject([
    'none',
    { ok: false },
  ]);
});

test('no plan where the address is an endpoint, also one that is not ready', async () => {
  endpoints = ['10.244.1.5', input.sentTo];
  expect(await planned(deleteConnectionEntry, access, offer)).toMatch(/is an endpoint of Service default\/web now/);
});

test('no plan where the endpoints are not known', async () => {
  endpoints = null;
  expect(await planned(deleteConnectionEntry, access, offer)).toMatch(/no answer/);
});

test.each([0, 50])('no plan where %i slices may not be all of them', async (some) => {
  slices = some;
  expect(await planned(deleteConnectionEntry, access, offer)).toMatch(/may not be all endpoints/);
});

test('no plan where the entry is gone, or leads elsewhere by now', async () => {
  conntrack('-F');
  insert(40_001, '10.244.1.5');
  expect(await planned(deleteConnectionEntry, access, offer)).toMatch(/does not hold the entry any more/);
});

test('refuses to list, and to delete from, a table that has grown large since the plan', async () => {
  const made = await plan();
  const stdout = '/proc/sys/net/netfilter/nf_conntrack_count:50001\n';
  node.scripted.set('grep-kernel-counters', { answer: { exit: 0, stdout }, after: false });
  node.ran.length = 0;
  expect(await writeFix(deleteConnectionEntry, access, made)).toMatchObject({
    outcome: 'refused',
    why: expect.stringContaining('n1 tracks 50001 connections'),
  });
  expect(node.ran.filter((line) => line.startsWith('conntrack'))).toEqual([]);
});

test('a table whose size is not known is not listed', async () => {
  node.scripted.set('grep-kernel-counters', { answer: { exit: 2, stdout: '' }, after: false });
  expect(await planned(deleteConnectionEntry, access, offer)).toMatch(/does not say how many connections it tracks/);
});

test('refuses to act where the address became an endpoint since the plan', async () => {
  const made = await plan();
  endpoints = [input.sentTo];
  expect(await writeFix(deleteConnectionEntry, access, made)).toMatchObject({ outcome: 'refused' });
  expect(clientPorts()).toEqual([40_001, 40_002]);
});

test('an entry that went on its way is not a failure', async () => {
  const made = await plan();
  node.scripted.set('conntrack-delete-udp', {
    after: false,
    answer: { exit: 1, stderr: 'conntrack v1.4.7 (conntrack-tools): 0 flow entries have been deleted.' },
  });
  expect(await writeFix(deleteConnectionEntry, access, made)).toMatchObject({ outcome: 'superseded' });
});

test('a lost answer is told as not known', async () => {
  const made = await plan();
  node.scripted.set('conntrack-delete-udp', { after: true, answer: new LookError('ssh-lost', 'the connection ended') });
  expect(await writeFix(deleteConnectionEntry, access, made)).toMatchObject({
    outcome: 'failed',
    why: expect.stringContaining('may be deleted or not'),
  });
});

test.each([
  ['an option for an address', { source: '--flush' }],
  ['words behind an address', { sentTo: '10.244.1.60 -p tcp' }],
  ['IPv6', { destination: '::1' }],
  ['no whole port', { sourcePort: 0.5 }],
  ['a port that is none', { port: 70_000 }],
  ['another protocol', { protocol: 'all' }],
])('takes no %s', (_, change) => {
  expect(() => deleteConnectionEntry.input.parse({ ...input, ...change })).toThrow();
});
