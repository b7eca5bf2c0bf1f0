import { describe, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CaseError, openCase } from '../../src/adapters/case-replay.ts';
import type { Moment, Transcript } from '../../src/model/command.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
import {
  routes,
  capture,
  restore,
  header,
  nodeA,
  nodeB,
  ask,
  transcript,
  shellsOf,
  questions,
  directory,
  recorder,
  saved,
} from './recorded-case.ts';

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
