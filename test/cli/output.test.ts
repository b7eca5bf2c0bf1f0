/** How commands print: forms, errors, terminals, progress. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Terminal } from '../../src/cli/output.ts';
import { plainOutput } from '../../src/cli/plain-output.ts';
import { runProgram } from '../../src/cli/program.ts';
import { showProgress } from '../../src/cli/progress.ts';
import { forTerminal } from '../../src/cli/terminal.ts';
import { saveCapture } from '../cases/saved-capture.ts';
import { main } from './program.ts';

const colours = new RegExp(String.raw`\u001B\[[\d;]*m`, 'g');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-output-'));
  await saveCapture('profile-missing-rbac-nft', join(folder, 'case'));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

async function run(
  argv: readonly string[],
  terminal: Terminal | null = null,
  environment: Record<string, string | undefined> = {},
) {
  const said = { out: '', err: '', status: '' };
  const exit = await runProgram(argv, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    status: terminal === null ? null : (text) => void (said.status += text),
    terminal,
    environment: { HOME: '/none', ...environment },
    signal: new AbortController().signal,
  });
  return { exit, ...said };
}

const trace = ['trace', '--hook', 'FORWARD', '--proto', 'icmp', '--src', '10.0.0.1', '--dst', '10.0.0.2'];
const replay = (...more: readonly string[]) => run(['replay', join(folder, 'case'), ...more]);
const lasting = (value: unknown) => JSON.stringify(value).replaceAll(/"(?:\w+Ms|timings)":[^,}]*/g, '');

describe('a verdict', () => {
  test('as text ends with the headline, and has the evidence only with -v', async () => {
    const [short, long] = [await replay(), await replay('-v')];
    expect(short.exit).toBe(1);
    const lines = short.out.trimEnd().split('\n');
    const headline = lines.findIndex((one) => one.startsWith('UNREACHABLE'));
    expect(headline).toBeGreaterThan(lines.indexOf('Causes'));
    expect(lines.at(-1)).toMatch(/^run .* ms.*\. The evidence: -v$/);
    expect(lines.length - headline).toBeLessThan(8);
    expect(short.out).not.toContain('    | ');
    expect(long.out).toContain('    | ');
    expect(long.out).not.toContain('The evidence: -v');
  });

  test('as YAML says what it says as JSON, and --json is -o json', async () => {
    const json = JSON.parse((await replay('-o', 'json')).out);
    expect(json).toMatchObject({ verdict: 'fault', headline: { reachable: 'no' } });
    expect(lasting(parse((await replay('-o', 'yaml')).out))).toBe(lasting(json));
    expect(lasting(JSON.parse((await replay('--json')).out))).toBe(lasting(json));
  });

  test('nothing of a document is coloured or folded on a terminal', async () => {
    const { out } = await run(['replay', join(folder, 'case'), '-o', 'json'], { columns: 40, colours: true });
    expect(JSON.parse(out)).toMatchObject({ verdict: 'fault' });
    expect(out).not.toContain('\u001B');
  });

  test('on a terminal it is coloured, and folded to the width', async () => {
    const { out } = await run(['replay', join(folder, 'case')], { columns: 60, colours: true });
    expect(out).toContain('\u001B[31;1mUNREACHABLE');
    const tooLong = out
      .replaceAll(colours, '')
      .split('\n')
      .filter((line) => line.length > 60 && !line.startsWith('    ') && line.trim().includes(' '));
    expect(tooLong).toEqual([]);
  });
});

test.each([
  ['an error of a command', ['explain', 'pod-nothing'], 'unknown-rule', /unknown rule "pod-nothing"/],
  ['wrong usage', ['diagnose', 'default/mypod', '--port', '99999'], 'usage', /^--port: .*is not a port/],
  ['a wrong pod', ['diagnose', 'default/'], 'usage', /^"default\/" is not NAMESPACE\/POD/],
  ['an unknown command', ['diagnos'], 'usage', /unknown command 'diagnos'/],
  ['trace without its options', ['trace'], 'usage', /required option '--rules <file>' not specified/],
  ['trace without its file', [...trace, '--rules', '/none'], 'usage', /\/none cannot be read/],
  ['no case', ['replay', '/none'], 'unreadable-case', /\/none\/case\.json cannot be read/],
])('%s is a document on standard error where one was asked for', async (_, argv, code, message) => {
  const { exit, out, err } = await run([...argv, '-o', 'json']);
  expect({ exit, out }).toEqual({ exit: 3, out: '' });
  expect(JSON.parse(err)).toEqual({
    schema: 'calico-chatops/error/v1',
    error: { code, message: expect.stringMatching(message), next: expect.any(String), retryable: false },
    notes: [],
  });
});

test('what was said before an error is in its document', async () => {
  const { err, exit } = await run(['fix', 'show', 'p-nothing', '-o', 'yaml'], null, {
    PATH: process.env['PATH'],
    STATE_DIR: join(folder, 'state'),
  });
  expect(exit).toBe(3);
  expect(parse(err)).toMatchObject({
    error: { code: 'unknown-plan' },
    notes: [expect.stringMatching(/^started redis-server over /)],
  });
});

test('-n stands for the namespace of the pod', async () => {
  const wrong = await run(['diagnose', '-n', 'No', 'mypod']);
  expect(wrong).toMatchObject({ exit: 3, err: expect.stringContaining('"No" is not a valid namespace name') });
  // With a valid name the next thing that is missing is the cluster.
  expect((await run(['diagnose', 'mypod', '-n', 'default', '--kubeconfig', '/none'])).err).toContain(
    '--kubeconfig: /none cannot be read',
  );
});

test.each([['json'], ['yaml']])('version as %s', async (format) => {
  const { exit, out } = await run(['version', '-o', format]);
  expect(exit).toBe(0);
  expect(parse(out)).toEqual({ version: expect.stringMatching(/^\d+\.\d+/), node: process.versions.node });
});

describe('a terminal', () => {
  const narrow = { columns: 40, colours: false };
  test('folds prose at words and indents what follows', () => {
    const text = `  ${'word '.repeat(12).trim()}`;
    const lines = forTerminal(text, narrow).split('\n');
    expect(lines.length).toBe(2);
    expect(lines.every((line) => line.length <= 40)).toBe(true);
    expect(lines[1]).toMatch(/^ {4}word/);
  });
  test.each([
    ['a command', `    kubectl get ${'x '.repeat(30)}`],
    ['a command on a node', `  node-a$ ip route ${'x '.repeat(30)}`],
    ['a request', `  > GET /api/v1/${'x '.repeat(30)}`],
    ['output', `    | ${'x '.repeat(30)}`],
    ['one long word', 'x'.repeat(90)],
    ['a step that is a command', '4. export CALICO_CHATOPS_CONFIG=/a/folder/calico-chatops.yaml; unset KUBECONFIG'],
  ])('leaves %s as it is', (_, line) => {
    expect(forTerminal(line, narrow)).toBe(line);
  });
  test.each([
    [
      'node node-a: the helper is not installed. Run calico-chatops init ./bot, then ./bot/apply --with "a, b"',
      ['calico-chatops init ./bot', './bot/apply --with "a, b"'],
    ],
    [
      '2. Give the nodes the image, if it is not there: docker build -t a/b:1 -f deploy/Dockerfile deploy && docker push a/b:1',
      ['docker build -t a/b:1 -f deploy/Dockerfile deploy && docker push a/b:1'],
    ],
    [
      'warn nodes: tcpdump is not there. Run apt-get install tcpdump util-linux (Debian) or dnf install tcpdump util-linux (RHEL)',
      ['apt-get install tcpdump util-linux', 'dnf install tcpdump util-linux'],
    ],
    [
      'FAIL LISTEN: 127.0.0.1:8090 is taken by another program. Run ss -ltnp sport = :8090, or choose another LISTEN of those',
      ['ss -ltnp sport = :8090'],
    ],
  ])('folds no command, for a person copies it: %s', (line, commands) => {
    const shown = forTerminal(line, narrow).split('\n');
    expect(shown.length).toBeGreaterThan(1);
    for (const command of commands) expect(shown.filter((one) => one.includes(command))).toHaveLength(1);
    expect(shown.map((one) => one.trim()).join(' ')).toBe(line);
    // A line that has no command in it, and is longer than the terminal, could have been folded.
    const tooLong = shown.filter((one) => one.trim().length > narrow.columns);
    expect(tooLong.filter((one) => commands.every((command) => !one.includes(command)))).toEqual([]);
  });
  test('colours nothing that others wrote: it never begins a line', () => {
    expect(forTerminal('a FAIL b\n  FAIL c', { columns: 80, colours: true })).toBe('a FAIL b\n  FAIL c');
    expect(forTerminal('FAIL x', { columns: 80, colours: true })).toBe('\u001B[31;1mFAIL\u001B[0m x');
  });
});

test('progress is one line, which goes away before anything else is written', () => {
  let screen = '';
  const write = (text: string) => void (screen += text);
  const output = plainOutput({ out: write, err: write, status: write });
  const progress = showProgress(output);
  expect(screen).toMatch(/^checking \(0 of 8\): The pod and where it runs, 0 s$/);
  output.told('ok   a step\n');
  expect(screen.endsWith(', 0 s\r\u001B[Kok   a step\n')).toBe(true);
  progress.settled('target');
  expect(screen).toMatch(/checking \(1 of 8\): Test packets to the pod, 0 s$/);
  progress.end();
  expect(screen.endsWith('\r\u001B[K')).toBe(true);
});

test('there is no progress where standard error is no terminal', () => {
  let written = '';
  const output = plainOutput({ out: (text) => void (written += text), err: (text) => void (written += text) });
  showProgress(output).end();
  expect(written).toBe('');
});

test('- reads rules from standard input', () => {
  const packet = ['--src', '10.0.0.1', '--dst', '10.0.0.2', '--proto', 'tcp', '--dport', '80', '--hook', 'FORWARD'];
  const { stdout, status } = spawnSync(process.execPath, [main, 'trace', '--rules', '-', ...packet, '-o', 'yaml'], {
    input: '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp --dport 80 -j DROP\nCOMMIT\n',
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(parse(stdout)).toMatchObject({ decision: 'drop', rule: { chain: 'FORWARD', index: 1 } });
});
