import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fillTemplate } from '../../../src/model/command-line.ts';
import { until } from '../../../tools/lab/run.ts';
import { commands } from './node-commands.ts';
import { connect, connections, look, node, shells, start, wire, withNode, type Way } from './one-node.ts';
import { describeAsRoot } from '../../support/as-root.ts';

const helpers = async () =>
  (await node.inside('pgrep -f bin/[c]alico-chatops-node; ls -d /run/calico-chatops/*/; true')).trim();

describeAsRoot.each<Way>(['ssh', 'agent'])('a real node, over %s', (way) => {
  withNode(way);
  const lost = `${way === 'ssh' ? 'ssh' : 'exec'}-lost`;

  test('a command of the list runs as root', async () => {
    expect(await look(shells, 'who')).toMatchObject({
      node: 'node-a',
      command: 'id -un',
      exit: 0,
      stdout: 'root\n',
      stderr: '',
      timedOut: false,
      truncated: false,
      file: null,
    });
  });

  test("a command sees a clean environment with the administrators' programs in its path", async () => {
    const { stdout } = await look(shells, 'environment');
    expect(stdout).toContain('PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n');
    expect(stdout).toContain('LC_ALL=C\n');
    expect(stdout).not.toContain('SSH_');
  });

  test('values fill whole tokens and parts of tokens, never words of a shell', async () => {
    expect(await look(shells, 'say', { word: 'x' })).toMatchObject({
      stdout: 'a b|x',
      command: "printf '%s|%s' 'a b' x",
    });
    expect(await look(shells, 'filter', { from: '10.0.0.1', port: '80' })).toMatchObject({
      stdout: 'src host 10.0.0.1 and port 80',
    });
  });

  test('exit, output and errors arrive apart', async () => {
    expect(await look(shells, 'fail')).toMatchObject({ exit: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  test('what a command prints is parsed as it is', async () => {
    expect((await look(shells, 'comparison')).stdout).toBe("selector: auth-token == 'x'");
  });

  test('of processes only numbers and programs are kept', async () => {
    const lines = (await look(shells, 'processes')).stdout.split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => !/^\d+ \S+(?: <defunct>)?$/.test(line))).toEqual([]);
  });

  test("standard input is the template's document with the values in it, and empty without one", async () => {
    const read = await look(shells, 'read', { word: 'x', labels: 'pcns.team=shop,pcns.example.com/tier=' });
    expect(JSON.parse(read.stdout)).toEqual({
      name: 'x',
      labels: { a: 'b', 'pcns.team': 'shop', 'pcns.example.com/tier': '' },
    });
    expect(read.command).toBe(`cat <<<'${read.stdout.trim()}'`);
    expect(JSON.parse((await look(shells, 'read', { word: 'x', labels: '' })).stdout)).toEqual({
      name: 'x',
      labels: { a: 'b' },
    });
    expect((await look(shells, 'silent')).stdout).toBe('');
  });

  test("the node fills a document in as the plan's reader sees it", async () => {
    const pair = fc.stringMatching(
      /^pcns\.([a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?=([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/,
    );
    const lists = fc
      .sample(fc.uniqueArray(pair, { maxLength: 64, selector: (one) => one.split('=')[0] }), { numRuns: 40, seed: 1 })
      .map((pairs) => pairs.join(','));
    const read = await Promise.all(lists.map((labels) => look(shells, 'read', { word: 'x', labels })));
    expect(read.map(({ stdout }) => stdout)).toEqual(
      lists.map((labels) => `${fillTemplate(commands.read, { word: 'x', labels }).input}\n`),
    );
  });

  test('thirty at once come back each with its own answer, over one connection', async () => {
    const words = Array.from({ length: 30 }, (_, index) => `w${index}`);
    const answers = await Promise.all(words.map((word) => look(shells, 'say', { word })));
    expect(answers.map((one) => one.stdout)).toEqual(words.map((word) => `a b|${word}`));
    expect(wire.connections()).toBe(1);
    expect(shells.usage()['node-a']).toMatchObject({ exchanges: 2 });
  });

  test('output that has the form of frames is output', async () => {
    expect(await look(shells, 'forge')).toMatchObject({ exit: 0, stdout: '! 2\n= 2 0 5 2 0 -\nok', stderr: '' });
    expect((await look(shells, 'who')).stdout).toBe('root\n');
  });

  test('no command gets a way into the container of the helper', async () => {
    expect(await look(shells, 'container')).toMatchObject({ exit: 1, stdout: '' });
  });

  test('frames of many large answers never mix', async () => {
    const sizes = Array.from({ length: 16 }, (_, index) => 50_000 + index);
    const answers = await Promise.all(sizes.map((size) => look(shells, 'large', { bytes: String(size) })));
    expect(answers.map((one) => one.stdout.length)).toEqual(sizes);
    expect(answers.every((one) => /^\0*$/.test(one.stdout))).toBe(true);
  });

  test('a command that takes too long is ended, also one that will not', async () => {
    const [sleep, stubborn] = await Promise.all([look(shells, 'sleep', { seconds: '60' }), look(shells, 'stubborn')]);
    expect(sleep).toMatchObject({ timedOut: true, exit: null });
    expect(stubborn).toMatchObject({ timedOut: true, exit: null });
    expect(await node.inside('pgrep -x sleep; true')).toBe('');
  }, 15_000);

  test('output above the limit is cut at a character, and the command ended', async () => {
    const flood = await look(shells, 'flood');
    // The command prints without end: what ended it is the limit of bytes, not that of time.
    expect(flood).toMatchObject({ truncated: true, timedOut: false, exit: null });
    // 33,333 lines of three bytes, and the first half of a character.
    expect(flood.stdout).toBe('é\n'.repeat(33_333));
    expect(flood.stdout).not.toContain('\uFFFD');
    expect((await look(shells, 'complain')).stderr.length).toBeLessThanOrEqual(65_536);
  });

  test('memory is limited', async () => {
    expect((await look(shells, 'memory')).stderr).toContain('memory exhausted');
  });

  test('a capture says when it listens, and stops when it is told', async () => {
    const capture = start(shells, 'listen');
    await capture.ready;
    const during = await look(shells, 'who');
    expect(during.exit).toBe(0);
    capture.stop();
    expect(await capture.result).toMatchObject({
      exit: 0,
      stdout: 'seen\n',
      stderr: expect.stringContaining('3 packets'),
    });
  });

  test('a capture that cannot listen rejects its readiness and still tells why', async () => {
    const capture = start(shells, 'brief');
    await expect(capture.ready).rejects.toMatchObject({ code: 'command-failed' });
    expect(await capture.result).toMatchObject({ exit: 1, stderr: 'no such device\n' });
  });

  test('a command stopped before there was a connection never runs', async () => {
    const early = start(shells, 'wait', { seconds: '30' });
    early.stop();
    expect(await early.result).toMatchObject({ exit: null, stdout: '' });
  });

  test('runs share the connection and keep their own accounts', async () => {
    const other = connections.shells();
    await Promise.all([look(shells, 'who'), look(other, 'who')]);
    await look(other, 'who');
    expect(wire.connections()).toBe(1);
    const [mine, theirs] = [shells.usage()['node-a'], other.usage()['node-a']];
    expect((mine?.exchanges ?? 0) + (theirs?.exchanges ?? 0)).toBe(2);
    expect(theirs?.bytesOut).toBe(2 * '1 test-who\n'.length);
    expect(theirs?.bytesIn).toBeGreaterThan(mine?.bytesIn ?? Infinity);
  });

  test('nothing stays behind on the node when the connection is closed or cut', async () => {
    const waiting = [start(shells, 'wait', { seconds: '25' }), start(shells, 'listen')];
    await waiting[1]?.ready;
    wire.cut();
    for (const one of waiting) await expect(one.result).rejects.toMatchObject({ code: lost });
    await until('the helper to go', 5, async () => ((await helpers()) === '' ? true : null));
    expect(await node.inside('pgrep -x sleep; true')).toBe('');
  });

  test('after a lost connection a run connects once more, and not again', async () => {
    for (const connected of [1, 2]) {
      const during = start(shells, 'listen');
      await during.ready;
      expect(wire.connections()).toBe(connected);
      wire.cut();
      await expect(during.result).rejects.toMatchObject({ code: lost });
    }
    await expect(look(shells, 'who')).rejects.toMatchObject({ code: lost });
    expect(wire.connections()).toBe(2);
    expect((await look(connections.shells(), 'who')).exit).toBe(0);
  });

  test('a node that no longer answers costs its own commands only their limit', async () => {
    await look(shells, 'who');
    wire.freeze();
    const ended: string[] = [];
    const asked = [look(shells, 'wait', { seconds: '0' }), look(shells, 'sleep', { seconds: '0' })];
    const [longer, shorter] = asked.map((one, at) => one.finally(() => void ended.push(['wait', 'sleep'][at] ?? '')));
    await expect(shorter).rejects.toMatchObject({ code: 'timeout' });
    expect(ended).toEqual(['sleep']);
    await expect(longer).rejects.toThrow();
  }, 90_000);

  test('an idle connection is closed, and opened again when needed', async () => {
    const short = await connect(50);
    const mine = short.shells();
    await look(mine, 'who');
    await until('the helper to go', 5, async () => ((await helpers()) === '' ? true : null));
    await look(mine, 'who');
    expect(wire.connections()).toBe(2);
    await short.close();
  });
});

/** What a shell of the unprivileged user gets to see. */
const login = (command: string) =>
  node.inside(`su -s /bin/sh calico-chatops -c '${command}' 2>&1 </dev/null || echo refused`);

describeAsRoot('a login over SSH', () => {
  withNode();

  test('all that the login may do as root is the helper, without arguments', async () => {
    expect(await login('sudo -n id -un')).toContain('refused');
    expect(await login('sudo -n /usr/local/bin/calico-chatops-node x')).toContain('refused');
    expect(await login('sudo -n PATH=/tmp /usr/local/bin/calico-chatops-node')).toContain('refused');
    expect(await login('sudo -n /usr/local/bin/calico-chatops-node')).toBe('calico-chatops-node 1\n');
  });
});
