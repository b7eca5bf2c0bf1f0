import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { Verdict } from '../../src/model/verdict.ts';
import { administrator } from '../../tools/lab/control-plane/api.ts';
import { breakFault, healFaults } from '../../tools/lab/faults/apply.ts';
import { diagnose, offeredFixes, saidBy, startDiagnosis } from '../../tools/lab/diagnosis.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from '../../tools/lab/harness.ts';
import { operationsCommand } from '../../tools/lab/operations/command.ts';
import { askResident } from '../../tools/lab/operations/resident.ts';
import { labPaths } from '../../tools/lab/paths.ts';
import { attempt } from '../../tools/lab/run.ts';
import { readTopology } from '../../tools/lab/state.ts';
import { takenBackAfterEach, type TakeBack } from '../../tools/lab/take-backs.ts';
import { untilItEnds } from '../support/last-word.ts';
import { connectionsOfBot, hangProgram, loginsAt, loseLargePackets } from './disturbances.ts';
import { refuseSsh, stopApiServer, wedgeHelper, wrongCredentials } from './disturbances.ts';

const ends = [
  { end: 'target', node: 'node-a' },
  { end: 'source', node: 'node-b' },
];
const nothingFound = { roots: [], consequences: [], latent: [] };

/** Blind spots of a verdict as `CODE NODE`, each once; a probe that does not run on one node only names it in its reason. */
function blind({ blindSpots }: Verdict, code: string): string[] {
  return [
    ...new Set(
      blindSpots
        .filter((spot) => spot.code === code)
        .map(({ node, reason }) => node ?? /^node-\w+/.exec(reason)?.[0] ?? ''),
    ),
  ];
}

describeLab('trouble on the way of a run', () => {
  const name = ownLab('trouble');
  const lab = labCommand(name);
  const paths = labPaths(name);
  const target = 'default/mypod';
  const asked = [target, '--from', 'pod:default/client'];
  const takeBacks = takenBackAfterEach();
  const suffer = async (trouble: Promise<TakeBack>) => void takeBacks.push(await trouble);
  /** With other settings than the lab's. */
  const diagnoseWith = async (settings: Readonly<Record<string, string>>, ...rest: string[]) => {
    const result = await askResident(name, ['diagnose', ...rest, '--json'], settings);
    const verdict: Verdict = JSON.parse(result.stdout);
    return { result, verdict };
  };

  beforeAll(async () => {
    await mustSucceed(lab)('up', '--dataplane', 'legacy');
    const { verdict } = await startDiagnosis(name, ...asked);
    expect(saidBy(verdict)).toEqual({ verdict: 'healthy', ...nothingFound });
  }, 120_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test.each(ends)(
    'no SSH to the node of the $end: a blind spot, never healthy, and nothing made up',
    async ({ node }) => {
      await suffer(refuseSsh(name, node));
      const { result, verdict } = await diagnose(name, ...asked);
      expect([result.status, saidBy(verdict)]).toEqual([2, { verdict: 'inconclusive', ...nothingFound }]);
      expect(blind(verdict, 'ssh-refused')).toEqual([node]);
      expect(verdict.steps.find(({ id }) => id === 'target')?.status).toBe('pass');
    },
    60_000,
  );

  test.each(ends)(
    'another host key at the node of the $end: refused, nothing trusted',
    async ({ node }) => {
      const lines = (await readFile(`${paths.operations}/known_hosts`, 'utf8')).trim().split('\n');
      const another =
        lines
          .find((line) => !line.includes(node))
          ?.split(' ')
          .slice(1)
          .join(' ') ?? '';
      const file = `${paths.root}/other-known-hosts`;
      await writeFile(
        file,
        lines.map((line) => (line.includes(`,${node} `) ? `${line.split(' ')[0]} ${another}` : line)).join('\n'),
      );
      const before = await loginsAt(name, node);
      const { result, verdict } = await diagnoseWith({ SSH_KNOWN_HOSTS_FILE: file }, ...asked);
      expect([result.status, saidBy(verdict)]).toEqual([2, { verdict: 'inconclusive', ...nothingFound }]);
      expect(blind(verdict, 'ssh-host-key')).toEqual([node]);
      expect(await loginsAt(name, node)).toBe(before);
      expect(await readFile(file, 'utf8')).not.toContain(
        (await readFile(`${paths.node(node)}/etc/ssh/ssh_host_ed25519_key.pub`, 'utf8')).split(' ')[1],
      );
    },
    60_000,
  );

  test('a helper that hangs costs the facts of its node, not the run', async () => {
    await suffer(wedgeHelper(name, 'node-a'));
    const { result, verdict } = await diagnose(name, ...asked);
    expect([result.status, saidBy(verdict)]).toEqual([2, { verdict: 'inconclusive', ...nothingFound }]);
    expect(blind(verdict, 'timeout')).toEqual(['node-a']);
    expect(verdict.steps.find(({ id }) => id === 'controller')?.status).toBe('pass');
    // Its commands are waited for together, and not one after another.
    const waits = verdict.blindSpots.map(({ reason }) => {
      const [, count = '0', unit] = / within ([\d.]{1,9}) (ms|s)\b/.exec(reason) ?? [];
      return Number(count) * (unit === 'ms' ? 1 : 1000);
    });
    expect(verdict.timings.totalMs).toBeLessThan(waits.reduce((sum, ms) => sum + ms, 0));
  }, 90_000);

  test('a program that hangs answers, as its kernel opens connections: reachable, with a note', async () => {
    const waiting = async () => {
      const { verdict } = await diagnose(name, ...asked, '--port', '8080/tcp');
      expect([saidBy(verdict), verdict.flow]).toEqual([{ verdict: 'healthy', ...nothingFound }, 'works']);
      return verdict.notes.filter((note) => note.includes('to be accepted'));
    };
    expect(await waiting()).toEqual([]);
    takeBacks.push(hangProgram(name, target));
    expect(await waiting()).toEqual([expect.stringMatching(/^3 connections to 8080\/tcp waited/)]);
  }, 120_000);

  test('wrong credentials of calicoctl are named, and do not stop the rest', async () => {
    await suffer(wrongCredentials(name, 'node-a'));
    const { verdict } = await diagnose(name, ...asked);
    expect(saidBy(verdict)).toEqual({ verdict: 'fault', ...nothingFound, latent: ['datastore-unreachable'] });
    expect(verdict.latent[0]?.evidence.map(({ excerpt }) => excerpt).join('\n')).toContain(
      'private key does not match public key',
    );
    expect(verdict.steps.find(({ id }) => id === 'reachability')?.status).toBe('pass');
    expect(verdict.blindSpots.filter(({ code }) => code === 'timeout')).toEqual([]);
  }, 60_000);

  test('API server down: what the nodes tell of a pod that an earlier run saw, and no verdict on it', async () => {
    await suffer(stopApiServer(name));
    const { result, verdict } = await diagnose(name, ...asked);
    expect([result.status, saidBy(verdict)]).toEqual([2, { verdict: 'inconclusive', ...nothingFound }]);
    expect(verdict.target).toMatchObject({
      pod: target,
      node: 'node-a',
      address: '10.244.1.5',
      from: 'pod:default/client',
    });
    expect(verdict.blindSpots).toContainEqual(
      expect.objectContaining({ probe: 'api-server', code: 'api-unreachable' }),
    );
    expect(verdict.notes.join()).toContain('from an earlier run');
    expect(verdict.steps.filter(({ status }) => status === 'pass').map(({ id }) => id)).toEqual(
      expect.arrayContaining(['reachability', 'routes', 'filter']),
    );

    const topology = readTopology(paths);
    await breakFault(topology, 'ipip-blocked', []);
    takeBacks.push(() => healFaults(topology, 'ipip-blocked'));
    const blocked = (await diagnose(name, ...asked)).verdict;
    expect(saidBy(blocked)).toEqual({ verdict: 'inconclusive', ...nothingFound, roots: ['ipip-lost-between-nodes'] });
    expect(offeredFixes(blocked)).toEqual([]);
  }, 120_000);

  test('API server down, and nobody remembers the pod: inconclusive at once', async () => {
    await suffer(stopApiServer(name));
    const logins = await loginsAt(name, 'node-a');
    const { result, verdict } = await diagnoseWith({ STATE_DIR: `${paths.root}/empty-state` }, ...asked);
    expect([result.status, saidBy(verdict)]).toEqual([2, { verdict: 'inconclusive', ...nothingFound }]);
    expect(verdict.blindSpots).toContainEqual(expect.objectContaining({ probe: 'pod', code: 'api-unreachable' }));
    expect(await loginsAt(name, 'node-a')).toBe(logins);
  }, 90_000);

  test.each([
    ['whole cluster', '10.250.0.0/24', /API server: no answer within/],
    ['nodes', '{ 10.250.0.11, 10.250.0.12, 10.250.0.13 }', /node-a: no answer in time[^]*node-b: no answer in time/],
  ])(
    'large packets from the %s are lost: named, and all ends with the verdict',
    async (_, from, named) => {
      await suffer(loseLargePackets(name, from));
      const { argv, env } = operationsCommand(paths, ['calico-chatops', 'diagnose', ...asked]);
      const ended = await untilItEnds(argv, env);
      expect(ended).toMatchObject({ exit: 2, said: expect.stringMatching(named) });
      expect(ended.said).toMatch(/NOT KNOWN whether reachable/);
      // An answer is waited for some ten seconds; what is no answer any more may take a fifth of that.
      expect(ended.afterwards).toBeLessThan(1 / 5);
      // A process that stays, as a worker does, keeps nothing that hangs.
      await diagnose(name, ...asked);
      expect(await connectionsOfBot(name)).toEqual([]);
    },
    180_000,
  );

  test.each([
    ['an unknown namespace', ['nowhere/mypod'], /there is no namespace nowhere/, true],
    ['an unknown pod', ['default/nobody'], /there is no pod nobody in namespace default/, true],
    [
      'an unknown source',
      [target, '--from', 'pod:default/nobody'],
      /there is no pod nobody in namespace default/,
      true,
    ],
    ['no pod', ['default/'], /"default\/" is not NAMESPACE\/POD/],
    ['a path', ['../../etc'], /is not NAMESPACE\/POD/],
    ['a shell command', ['default/mypod; reboot'], /is not a valid pod name/],
    ['10,000 characters', [`default/${'a'.repeat(10_000)}`], /is not a valid pod name/],
    ['an unknown flag', [target, '--frobnicate'], /unknown option '--frobnicate'/],
  ] as readonly (readonly [string, string[], RegExp, boolean?])[])(
    '%s is refused in one line, and no node is asked',
    async (what, words, said, isRun = false) => {
      const state = `${paths.root}/state-of-${what.replaceAll(/\W/g, '-')}`;
      const logins = await loginsAt(name, 'node-a');
      const result = await askResident(name, ['diagnose', ...words], { STATE_DIR: state });
      const lines = result.stderr
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('started redis-server'));
      expect([result.status, result.stdout, lines.length]).toEqual([3, '', 1]);
      expect(lines[0]).toMatch(said);
      expect(lines[0]?.length).toBeLessThan(400);
      expect(await loginsAt(name, 'node-a')).toBe(logins);
      // What only the API server can know is a run, which failed.
      expect(await holdsRuns(state)).toBe(isRun);
    },
    60_000,
  );

  test('a run that is made is one that would have been seen as stored', async () => {
    const state = `${paths.root}/state-of-a-run`;
    await diagnoseWith({ STATE_DIR: state }, ...asked);
    expect(await holdsRuns(state)).toBe(true);
  }, 60_000);

  test('a pod that is being deleted is the root, also while it still answers in its grace period', async () => {
    const api = administrator(paths);
    try {
      await api.remove('/api/v1/namespaces/default/pods/twin', 300);
    } finally {
      api.close();
    }
    const { result, verdict } = await diagnose(name, 'default/twin');
    expect([result.status, saidBy(verdict)]).toEqual([
      1,
      { verdict: 'fault', ...nothingFound, roots: ['pod-terminating'], consequences: ['pod-not-running'] },
    ]);
  }, 90_000);
});

/** Whether the program's own Redis over this folder was ever told of a run. */
async function holdsRuns(state: string): Promise<boolean> {
  if (!existsSync(state)) return false;
  const found = await attempt(['grep', '-rlF', 'calico-chatops:run:', state]);
  if (found.status > 1) throw new Error(found.stderr);
  return found.stdout !== '';
}
