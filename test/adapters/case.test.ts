import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaseRecorder } from '../../src/adapters/case-recorder.ts';
import { CaseError, openCase } from '../../src/adapters/case-replay.ts';
import type { CommandRequest, CommandTemplate, Moment, RunningCommand, Transcript } from '../../src/model/command.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { ApiAnswer, ClusterReader, NodeShells } from '../../src/model/ports.ts';

const routes: CommandTemplate = { argv: ['ip', 'route', 'get', '{to:address}'], timeoutSeconds: 5, maxBytes: 1000 };
const capture: CommandTemplate = {
  argv: ['tcpdump', '-i', '{interface:interface}'],
  timeoutSeconds: 5,
  maxBytes: 1000,
  readyWhen: 'listening on',
};
const restore: CommandTemplate = { argv: ['cat'], timeoutSeconds: 5, maxBytes: 1000, input: '{"name":"{name:name}"}' };
const header = {
  version: '1.2.3',
  run: 'r-01',
  startedAt: '2026-11-23T10:00:00.000Z',
  target: {
    cluster: 'default',
    namespace: 'default',
    pod: 'mypod',
    from: null,
    port: { protocol: 'tcp' as const, number: 8080 },
  },
};
const nodeA = { name: 'node-a', address: '10.0.0.1' };
const nodeB = { name: 'node-b', address: '10.0.0.2' };

const ask = (
  template: CommandTemplate,
  params: Readonly<Record<string, string>>,
  moment: Moment = 'first',
): CommandRequest => ({ command: { id: template.argv.slice(0, 1).join(''), ...template }, moment, params });
const transcript = (node: string, stdout: string, more: Partial<Transcript> = {}): Transcript => ({
  node,
  command: 'as run',
  at: '2026-11-23T10:00:01.000Z',
  durationMs: 7,
  exit: 0,
  stdout,
  stderr: '',
  timedOut: false,
  truncated: false,
  file: null,
  ...more,
});

/** Shells that answer one thing after the other: a transcript, or an error. */
function shellsOf(answers: readonly (Transcript | LookError)[]): NodeShells {
  let next = 0;
  const start = (request: CommandRequest): RunningCommand => {
    const answer = answers[(next += 1) - 1];
    if (answer === undefined) throw new Error('not expected');
    const result = answer instanceof LookError ? Promise.reject(answer) : Promise.resolve(answer);
    const ready =
      answer instanceof LookError || (request.command.readyWhen !== undefined && answer.exit !== 0)
        ? Promise.reject(new LookError('command-failed', 'ended before'))
        : Promise.resolve();
    ready.catch(() => undefined);
    return { ready, result, stop: () => undefined };
  };
  return {
    shell: ({ name }) => ({ node: name, start }),
    usage: () => ({ 'node-a': { exchanges: 1, bytesIn: 2, bytesOut: 3 } }),
    close: () => Promise.resolve(),
  };
}

const at = '2026-11-23T10:00:02.000Z';
const silentCluster: ClusterReader = {
  read: (reference) =>
    Promise.resolve({ ok: false, status: 404, reason: 'NotFound', request: `GET ${reference.name}`, at }),
  list: () => Promise.resolve({ ok: true, value: [], request: 'GET list', at }),
  podLog: () => Promise.resolve({ ok: true, value: 'log', request: 'GET log', at }),
  accessReview: (question) =>
    Promise.resolve({ ok: true, value: { ...question, allowed: true, reason: '' }, request: 'POST review', at }),
};

/** One of each kind of question. */
const questions = async (cluster: ClusterReader): Promise<readonly ApiAnswer<unknown>[]> =>
  Promise.all([
    cluster.read({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'mypod' }),
    cluster.list({ apiVersion: 'v1', kind: 'Pod', fieldSelector: 'spec.nodeName=node-a', limit: 5 }),
    cluster.podLog({ namespace: 'a', pod: 'b', container: 'c', tailLines: 1, limitBytes: 2 }),
    cluster.accessReview({ user: 'u', groups: ['g'], group: '', resource: 'pods', verb: 'list' }),
  ]);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'case-'));
});
afterEach(() => rm(directory, { recursive: true }));

const recorder = (shells: NodeShells, cluster = silentCluster) =>
  createCaseRecorder({ directory, header, shells, cluster });

describe('what was recorded is replayed', () => {
  test('commands, each with its file, in the order of their occurrences; the last one again', async () => {
    const recording = await recorder(
      shellsOf([
        transcript('node-a', 'first\n'),
        transcript('node-a', 'other\n'),
        transcript('node-a', 'second\n', { exit: 2, stderr: 'RTNETLINK answers\n', truncated: true }),
      ]),
    );
    const live = recording.shells.shell(nodeA);
    const saved = [
      await live.start(ask(routes, { to: '10.0.0.2' })).result,
      await live.start(ask(routes, { to: '10.0.0.3' })).result,
      await live.start(ask(routes, { to: '10.0.0.2' })).result,
    ];
    expect(saved.map((one) => one.file)).toEqual(['node-a/0001.txt', 'node-a/0002.txt', 'node-a/0003.txt']);
    await recording.finish();
    expect(await readFile(join(directory, 'node-a/0003.txt'), 'utf8')).toBe('second\n');

    const { shells } = await openCase(directory);
    const replayed = async (to: string) => shells.shell(nodeA).start(ask(routes, { to })).result;
    expect(await replayed('10.0.0.3')).toEqual(saved[1]);
    expect(await replayed('10.0.0.2')).toEqual(saved[0]);
    expect(await replayed('10.0.0.2')).toEqual(saved[2]);
    expect(await replayed('10.0.0.2')).toEqual(saved[2]);
  });

  test('what one command said at two moments is kept apart, in whatever order it is asked again', async () => {
    const recording = await recorder(shellsOf([transcript('node-a', 'before\n'), transcript('node-a', 'after\n')]));
    for (const moment of ['first', 'later'] as const)
      await recording.shells.shell(nodeA).start(ask(routes, { to: '10.0.0.2' }, moment)).result;
    await recording.finish();
    const { shells } = await openCase(directory);
    const replayed = async (moment: Moment) =>
      (await shells.shell(nodeA).start(ask(routes, { to: '10.0.0.2' }, moment)).result).stdout;
    expect([await replayed('later'), await replayed('first')]).toEqual(['after\n', 'before\n']);
    await expect(replayed('burst')).rejects.toMatchObject({ code: 'not-recorded' });
  });

  test('what was seen when ends out of order keeps the order of its start', async () => {
    const slow = Promise.withResolvers<Transcript>();
    const answers = [slow.promise, Promise.resolve(transcript('node-a', 'fast\n'))];
    const shells: NodeShells = {
      ...shellsOf([]),
      shell: () => ({
        node: 'node-a',
        start: () => ({ ready: Promise.resolve(), result: answers.shift() ?? slow.promise, stop: () => undefined }),
      }),
    };
    const recording = await recorder(shells);
    const [first, second] = [1, 2].map(() => recording.shells.shell(nodeA).start(ask(routes, { to: '10.0.0.2' })));
    await second?.result;
    slow.resolve(transcript('node-a', 'slow\n'));
    await first?.result;
    await recording.finish();
    const { shells: again } = await openCase(directory);
    expect((await again.shell(nodeA).start(ask(routes, { to: '10.0.0.2' })).result).stdout).toBe('slow\n');
  });

  test('readiness, and that it never came', async () => {
    const recording = await recorder(
      shellsOf([transcript('node-a', '1 packet\n'), transcript('node-a', '', { exit: 1 })]),
    );
    const live = recording.shells.shell(nodeA);
    await live.start(ask(capture, { interface: 'eth0' })).result;
    await live.start(ask(capture, { interface: 'eth1' })).result;
    await recording.finish();
    const { shells } = await openCase(directory);
    const good = shells.shell(nodeA).start(ask(capture, { interface: 'eth0' }));
    await expect(good.ready).resolves.toBeUndefined();
    good.stop();
    expect((await good.result).stdout).toBe('1 packet\n');
    await expect(shells.shell(nodeA).start(ask(capture, { interface: 'eth1' })).ready).rejects.toMatchObject({
      code: 'command-failed',
    });
  });

  test('a look that did not happen does not happen again, for the same reason', async () => {
    const recording = await recorder(shellsOf([new LookError('ssh-refused', 'node-b: ECONNREFUSED')]));
    await expect(recording.shells.shell(nodeB).start(ask(routes, { to: '10.0.0.2' })).result).rejects.toMatchObject({
      code: 'ssh-refused',
    });
    await recording.finish();
    const { shells } = await openCase(directory);
    await expect(shells.shell(nodeB).start(ask(routes, { to: '10.0.0.2' })).result).rejects.toMatchObject({
      code: 'ssh-refused',
      message: 'node-b: ECONNREFUSED',
    });
  });

  test('standard input tells requests apart', async () => {
    const recording = await recorder(shellsOf([transcript('node-a', 'a'), transcript('node-a', 'b')]));
    for (const text of ['one', 'two']) await recording.shells.shell(nodeA).start(ask(restore, { name: text })).result;
    await recording.finish();
    const { shells } = await openCase(directory);
    expect((await shells.shell(nodeA).start(ask(restore, { name: 'two' })).result).stdout).toBe('b');
  });

  test('answers of the API server, good and bad', async () => {
    const recording = await recorder(shellsOf([]));
    const then = await questions(recording.cluster);
    await recording.finish();
    const { cluster } = await openCase(directory);
    expect(await questions(cluster)).toEqual(then);
  });

  test('what a run is: its id, its target, and its time', async () => {
    const recording = await recorder(shellsOf([]));
    await recording.finish();
    const { header: saved, clock } = await openCase(directory);
    expect(saved).toEqual({ schema: 'calico-chatops/case/v2', ...header });
    expect(clock.now().toISOString()).toBe(header.startedAt);
  });
});

describe('what was not recorded is unknown', () => {
  test('a command, a node and an API answer', async () => {
    await (await recorder(shellsOf([]))).finish();
    const { shells, cluster } = await openCase(directory);
    await expect(shells.shell(nodeA).start(ask(routes, { to: '10.0.0.9' })).result).rejects.toMatchObject({
      code: 'not-recorded',
      message: expect.stringContaining('ip route get 10.0.0.9'),
    });
    expect(await cluster.list({ apiVersion: 'v1', kind: 'Node' })).toMatchObject({
      ok: false,
      status: null,
      reason: 'not recorded in this case',
    });
  });

  test('a case of another format, with the version that replays it', async () => {
    await saved();
    const path = join(directory, 'case.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('case/v2', 'case/v1'));
    await expect(openCase(directory)).rejects.toThrow(
      `${path}: calico-chatops 1.2.3 saved this case as calico-chatops/case/v1, and this version replays calico-chatops/case/v2 only. Replay it with calico-chatops 1.2.3, or save the run again`,
    );
  });

  test('a folder that is no case, or a damaged one', async () => {
    await expect(openCase(join(directory, 'nothing'))).rejects.toThrow(CaseError);
    await writeFile(join(directory, 'case.json'), '{"schema":"calico-chatops/case/v9"}');
    await expect(openCase(directory)).rejects.toThrow(CaseError);
    await (await recorder(shellsOf([]))).finish();
    await writeFile(join(directory, 'api/0001.json'), '{');
    await expect(openCase(directory)).rejects.toThrow(/0001.json/);
  });
});

describe('a case is private', () => {
  test('folders of mode 0700 and files of mode 0600, whatever they were before', async () => {
    await mkdir(join(directory, 'api'));
    await mkdir(join(directory, 'node-a'));
    const before = ['case.json', 'api/0001.json', 'node-a/0001.txt', 'node-a/commands.jsonl', 'cost.json'];
    for (const file of before) await writeFile(join(directory, file), '', { mode: 0o666 });
    for (const file of before) await chmod(join(directory, file), 0o666);
    for (const folder of ['', 'api', 'node-a']) await chmod(join(directory, folder), 0o777);
    const recording = await recorder(shellsOf([transcript('node-a', 'a')]));
    await recording.shells.shell(nodeA).start(ask(routes, { to: '10.0.0.2' })).result;
    await questions(recording.cluster);
    await recording.finish();
    const paths = ['', ...(await readdir(directory, { recursive: true }))];
    expect(paths.length).toBeGreaterThan(8);
    const modes = await Promise.all(paths.map(async (path) => [path, await stat(join(directory, path))] as const));
    expect(
      modes.filter(([, stats]) => (stats.mode & 0o777) !== (stats.isDirectory() ? 0o700 : 0o600)).map(([path]) => path),
    ).toEqual([]);
  });

  test('nothing is written through a link', async () => {
    const outside = join(await mkdtemp(join(tmpdir(), 'outside-')), 'file');
    await writeFile(outside, 'kept');
    await mkdir(join(directory, 'api'));
    await symlink(outside, join(directory, 'api/0001.json'));
    const recording = await recorder(shellsOf([]));
    await questions(recording.cluster);
    await expect(recording.finish()).rejects.toThrow(/ELOOP/);
    expect(await readFile(outside, 'utf8')).toBe('kept');
  });
});

const saved = async () => {
  const recording = await recorder(shellsOf([transcript('node-a', 'first\n')]));
  await recording.shells.shell(nodeA).start(ask(routes, { to: '10.0.0.2' })).result;
  await recording.cluster.list({ apiVersion: 'v1', kind: 'Pod' });
  await recording.finish();
  await openCase(directory);
};
const outside = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outside-'));
  await writeFile(join(folder, 'secret'), 'of somebody else');
  return folder;
};

describe('a folder is not trusted', () => {
  test.each(['case.json', 'node-a/0001.txt', 'node-a/commands.jsonl', 'api/0001.json'])(
    '%s that is a link, a pipe or a device is not read',
    async (file) => {
      await saved();
      const path = join(directory, file);
      for (const replace of [
        async () => symlink(join(await outside(), 'secret'), path),
        async () => void execFileSync('mkfifo', [path]),
        async () => symlink('/dev/zero', path),
        async () => mkdir(path),
      ]) {
        await rm(path, { recursive: true });
        await replace();
        await expect(openCase(directory)).rejects.toThrow(CaseError);
      }
    },
  );

  test('folders that are links are not entered', async () => {
    await saved();
    const folder = await outside();
    for (const name of ['node-a', 'api']) {
      await rename(join(directory, name), join(folder, name));
      await symlink(join(folder, name), join(directory, name));
    }
    const { shells, cluster } = await openCase(directory);
    await expect(shells.shell(nodeA).start(ask(routes, { to: '10.0.0.2' })).result).rejects.toMatchObject({
      code: 'not-recorded',
    });
    expect(await cluster.list({ apiVersion: 'v1', kind: 'Pod' })).toMatchObject({
      ok: false,
      reason: 'not recorded in this case',
    });
  });

  test('a file larger than a command prints, and a case larger than a run, are refused', async () => {
    await saved();
    await truncate(join(directory, 'node-a/0001.txt'), 65 * 1024 * 1024);
    await expect(openCase(directory)).rejects.toThrow(/larger than/);
    await truncate(join(directory, 'node-a/0001.txt'), 1);
    const call = await readFile(join(directory, 'api/0001.json'), 'utf8');
    for (let number = 2; number <= 10; number += 1) {
      const path = join(directory, `api/000${number}.json`.replace('00010', '0010'));
      await writeFile(path, call.replace(/}\s*$/, `,"more":"${' '.repeat(63 * 1024 * 1024)}"}`));
    }
    await expect(openCase(directory)).rejects.toThrow(/the case is larger than/);
  }, 120_000);

  test('who ends it, ends it between two files', async () => {
    await saved();
    const ending = new AbortController();
    ending.abort(new Error('ended'));
    await expect(openCase(directory, ending.signal)).rejects.toThrow('ended');
  });

  test('twice as many answers to one question take twice as long', async () => {
    await saved();
    const [line = ''] = (await readFile(join(directory, 'node-a/commands.jsonl'), 'utf8')).split('\n');
    const cpuOf = async (count: number) => {
      const failed = { ...JSON.parse(line), error: { code: 'timeout', message: 'x' } };
      for (const key of ['line', 'at', 'durationMs', 'exit', 'stderr', 'timedOut', 'truncated']) delete failed[key];
      await writeFile(
        join(directory, 'node-a/commands.jsonl'),
        Array.from({ length: count }, (_, at) => JSON.stringify({ ...failed, number: at + 1 })).join('\n'),
      );
      const began = process.cpuUsage();
      await openCase(directory);
      return process.cpuUsage(began).user;
    };
    await cpuOf(2000);
    const few = await cpuOf(5000);
    expect(await cpuOf(40_000)).toBeLessThan(few * 8 * 2.5);
  }, 120_000);
});

describe('a case holds no secrets', () => {
  test('neither in transcripts nor in API answers', async () => {
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----';
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { password: 'aHVudGVyMg==' } };
    const cluster: ClusterReader = {
      ...silentCluster,
      list: async () => ({ ok: true, value: [secret] as never[], request: 'GET list', at }),
    };
    const recording = await recorder(
      shellsOf([
        transcript('node-a', `${key}\nAuthorization: Bearer abcdefghijkl\nok\n`, { stderr: 'password=hunter2' }),
      ]),
      cluster,
    );
    const seen = await recording.shells.shell(nodeA).start(ask(routes, { to: '10.0.0.2' })).result;
    await recording.cluster.list({ apiVersion: 'v1', kind: 'Secret' });
    await recording.finish();
    const files = await Promise.all(
      ['node-a/0001.txt', 'node-a/commands.jsonl', 'api/0001.json'].map((name) =>
        readFile(join(directory, name), 'utf8'),
      ),
    );
    for (const text of [...files, JSON.stringify(seen)])
      expect(text).not.toMatch(/c2VjcmV0|abcdefghijkl|hunter2|aHVudGVyMg/);
    expect(files[0]).toContain('ok\n');
  });

  test('a node cannot choose where files go', async () => {
    const recording = await recorder(shellsOf([]));
    for (const name of ['../evil', 'api', 'a/b', '.', ''])
      expect(() => recording.shells.shell({ name, address: '10.0.0.1' })).toThrow(TypeError);
  });
});
