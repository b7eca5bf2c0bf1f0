import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  chmod,
  cp,
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
import { CaseError, openCase } from '../../src/adapters/case-replay.ts';
import type { ClusterReader } from '../../src/model/ports.ts';
import { growth } from '../support/growth.ts';
import {
  routes,
  nodeA,
  ask,
  transcript,
  shellsOf,
  at,
  silentCluster,
  questions,
  directory,
  recorder,
  saved,
} from './recorded-case.ts';

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

  test('the cost of opening grows with the answers to one question', async () => {
    await saved();
    const [line = ''] = (await readFile(join(directory, 'node-a/commands.jsonl'), 'utf8')).split('\n');
    const scratch = await mkdtemp(join(tmpdir(), 'cc-answers-'));
    const opened = async (count: number) => {
      const failed = { ...JSON.parse(line), error: { code: 'timeout', message: 'x' } };
      for (const key of ['line', 'at', 'durationMs', 'exit', 'stderr', 'timedOut', 'truncated']) delete failed[key];
      const own = join(scratch, String(count));
      await cp(directory, own, { recursive: true });
      await writeFile(
        join(own, 'node-a/commands.jsonl'),
        Array.from({ length: count }, (_, at) => JSON.stringify({ ...failed, number: at + 1 })).join('\n'),
      );
      return () => openCase(own);
    };
    try {
      expect(await growth(opened, 5000, 8)).toBeLessThan(8 * 3);
    } finally {
      await rm(scratch, { recursive: true });
    }
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
