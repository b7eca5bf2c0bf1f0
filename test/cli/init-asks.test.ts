/** What no option of `init` says is asked at a terminal, and only there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { runProgram } from '../../src/cli/program.ts';
import { terminalQuestions } from '../../src/cli/terminal-questions.ts';
import { connectionsOf, listen } from '../support/listening.ts';
import { nodesAt, startNamedCluster, type NamedCluster } from './named-cluster.ts';

const root = resolve(import.meta.dirname, '../..');
/** Beside which every node answers SSH, at this port. */
const sshServer = createServer((socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'));
const connections = connectionsOf(sshServer);
const usualNodes = nodesAt('127.0.0.1', 'worker-1', 'worker-2');
let sshPort = 0;
let nodes = usualNodes;
let cluster: NamedCluster;
let folder = '';
beforeAll(async () => {
  sshPort = await listen(sshServer);
  cluster = await startNamedCluster(
    () => ['kube-system'],
    () => nodes,
  );
});
afterAll(async () => {
  cluster.stop();
  await connections.close();
});
beforeEach(async () => {
  nodes = usualNodes;
  folder = await mkdtemp(join(tmpdir(), 'cc-asks-'));
  await writeFile(join(folder, 'kubeconfig'), cluster.kubeconfig);
});
afterEach(() => rm(folder, { recursive: true }));

const words = () => ['init', join(folder, 'bot'), '--kubeconfig', join(folder, 'kubeconfig')];
const written = (path: string) => readFile(join(folder, 'bot', path), 'utf8');
const config = async () => parse(await written('calico-chatops.yaml'));

/** Runs `init` beside somebody who gives these answers; null: who ends it. */
async function answering(answers: readonly (string | null)[], ...more: readonly string[]) {
  return answeringIn({ SSH_PORT: String(sshPort) }, answers, ...more);
}
async function answeringIn(
  environment: Readonly<Record<string, string>>,
  answers: readonly (string | null)[],
  ...more: readonly string[]
) {
  const said = { out: '', err: '', asked: [] as string[] };
  const left = [...answers];
  const exit = await runProgram([...words(), ...more], {
    out: (out) => void (said.out += out),
    err: (err) => void (said.err += err),
    questions: () => ({
      ask: async (question) => {
        said.asked.push(question);
        const answer = left.shift();
        if (answer === undefined) throw new Error(`nobody expected: ${question}`);
        return answer;
      },
      close: () => undefined,
    }),
    environment: { HOME: '/none', ...environment },
    signal: new AbortController().signal,
  });
  return { exit, ...said, left };
}

/** With a terminal of its own: what is typed, once the first question stands there, comes from a pipe. */
const typing = async (typed: string) => {
  const command = [process.execPath, join(root, 'src/main.ts'), ...words()].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, HOME: folder, SSH_PORT: String(sshPort) },
  });
  const exited = once(child, 'exit');
  let shown = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    const asked = shown.includes('[ssh] ');
    shown += chunk;
    if (!asked && shown.includes('[ssh] ')) child.stdin.write(typed);
  }
  const [exit] = await exited;
  child.stdin.destroy();
  return { exit, shown };
};

const open = () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const ending = new AbortController();
  return { input, output, ending, questions: terminalQuestions(input, output, ending.signal) };
};

describe('init', () => {
  test('takes what is in brackets for an empty answer, and asks nothing about what is not there', async () => {
    const { exit, asked } = await answering(['', '', '']);
    expect([exit, asked]).toEqual([
      0,
      [
        'How does the bot read the nodes, ssh or agent? [ssh] ',
        expect.stringMatching(/^Who may approve fixes\?.* \[nobody yet\] $/),
        expect.stringMatching(/^In which Slack channel are alerts told\?.* \[no alerts\] $/),
      ],
    ]);
    expect(await config()).toMatchObject({ SSH_USER: 'calico-chatops', APPROVERS: [] });
    expect(await written('calico-chatops.yaml')).toContain('# ALERT_CHANNEL');
  });

  test('proposes SSH where nodes answer it, and says so', async () => {
    const { out, asked } = await answering(['', '', '']);
    expect([out, asked[0]]).toEqual([
      expect.stringContaining('\nSSH answers on 2 of 2 nodes that were tried.\n'),
      expect.stringMatching(/ \[ssh\] $/),
    ]);
  });

  test('proposes the agent where no node answers SSH', async () => {
    const closed = createServer();
    const port = await listen(closed);
    closed.close();
    const { out, asked } = await answeringIn({ SSH_PORT: String(port) }, ['', '', '', '']);
    expect(out).toContain('\nSSH answers on none of 2 nodes that were tried from this machine.\n');
    expect(asked.slice(0, 2)).toEqual([
      'How does the bot read the nodes, ssh or agent? [agent] ',
      expect.stringContaining('Which image'),
    ]);
    expect(await config()).toMatchObject({ NODES_VIA: 'agent' });
  });

  test('proposes the agent for nodes that a provider manages, also where they answer SSH', async () => {
    nodes = [{ metadata: { name: 'gke-pool-1', labels: { 'cloud.google.com/gke-nodepool': 'pool' } }, status: {} }];
    const { out, asked } = await answering(['ssh', '', '']);
    expect(out).toContain('\nGKE manages the nodes (label cloud.google.com/gke-nodepool). ');
    expect(asked[0]).toBe('How does the bot read the nodes, ssh or agent? [agent] ');
    expect((await config()).NODES_VIA).toBeUndefined();
  });

  test('tries no node where nobody is asked how they are read', async () => {
    let tries = 0;
    sshServer.on('connection', () => tries++);
    await answering([], '--yes');
    await rm(join(folder, 'bot'), { recursive: true });
    await answering(['', ''], '--via', 'ssh');
    expect(tries).toBe(0);
  });

  test('writes what was answered', async () => {
    const answers = ['agent', 'images.example/agent:1', 'U0ALICE, S0ONCALL', 'C0ONCALL', '127.0.0.1:9000'];
    expect(await answering(answers)).toMatchObject({ exit: 0, left: [] });
    expect(await config()).toMatchObject({
      NODES_VIA: 'agent',
      APPROVERS: ['U0ALICE', 'S0ONCALL'],
      ALERT_CHANNEL: 'C0ONCALL',
      LISTEN: '127.0.0.1:9000',
    });
    expect(await written('apply')).toContain("agent='images.example/agent:1'\n");
  });

  test('says why an answer is not one, and asks again', async () => {
    const { exit, out, err, asked, left } = await answering(['telnet', 'ssh', 'alice', 'U0ALICE', '']);
    expect([exit, asked.length, left]).toEqual([0, 5, []]);
    expect(`${out}${err}`).toMatch(/^telnet: .*ssh.*agent/m);
    expect(`${out}${err}`).toMatch(/^alice: /m);
    expect(await config()).toMatchObject({ APPROVERS: ['U0ALICE'] });
  });

  test('does not ask what an option says, nor with --yes, nor where the folder has its configuration', async () => {
    expect(await answering([''], '--via', 'ssh', '--approvers', 'U0ALICE')).toMatchObject({ exit: 0, left: [] });
    expect(await answering([])).toMatchObject({ exit: 0, asked: [] });
    await rm(join(folder, 'bot'), { recursive: true });
    expect(await answering([], '--yes')).toMatchObject({ exit: 0, asked: [] });
  });

  test('writes nothing where somebody ends it', async () => {
    expect(await answering(['', null])).toMatchObject({ exit: 130, err: 'Nothing was written.\n' });
    expect(existsSync(join(folder, 'bot'))).toBe(false);
  });

  test.each([
    ['--approvers', 'alice'],
    ['--listen', 'nowhere:none'],
    ['--via', 'agent', '--image', 'an image'],
  ])('an option that is not valid ends it at once: %s %s', async (...options) => {
    const { exit, err } = await answering([], ...options);
    expect([exit, err]).toEqual([3, expect.stringContaining(options.at(-1) ?? '')]);
    expect(existsSync(join(folder, 'bot'))).toBe(false);
  });

  test('asks at a real terminal, where answers may be typed ahead', async () => {
    const { exit, shown } = await typing('\nU0ALICE\n\n');
    expect([exit, shown]).toEqual([0, expect.stringContaining('Who may approve fixes?')]);
    expect(await config()).toMatchObject({ APPROVERS: ['U0ALICE'] });
  });
  test('Ctrl-C at a real terminal leaves nothing behind', async () => {
    const { exit, shown } = await typing('\u0003');
    expect([exit, shown]).toEqual([130, expect.stringContaining('Nothing was written.')]);
    expect(existsSync(join(folder, 'bot'))).toBe(false);
  });
});

describe('questions at a terminal', () => {
  test('are answered line by line, also ahead of them', async () => {
    const { input, questions } = open();
    input.write('one\ntwo\n');
    expect([await questions.ask('a? '), await questions.ask('b? ')]).toEqual(['one', 'two']);
    questions.close();
  });

  test('end with the input, and with the program', async () => {
    const atEnd = open();
    const first = atEnd.questions.ask('a? ');
    atEnd.input.end();
    expect(await first).toBeNull();
    expect(await atEnd.questions.ask('b? ')).toBeNull();
    const told = open();
    const second = told.questions.ask('a? ');
    told.ending.abort();
    expect(await second).toBeNull();
    told.questions.close();
  });
});
