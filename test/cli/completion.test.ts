/** What a shell may offer next, and the scripts that ask for it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { until } from '../../tools/lab/run.ts';
import { kubeconfigAt } from '../support/kubeconfig.ts';
import { listen } from '../support/listening.ts';
import { main } from './program.ts';

let folder: string;
let api: Server;
let kubeconfig: string;
const pods = ['default/mypod', 'default/client', 'web/front'].map((name) => {
  const [namespace, pod] = name.split('/');
  return { kind: 'Pod', metadata: { namespace, name: pod }, spec: {}, status: {} };
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-completion-'));
  api = createServer((request, response) => {
    const items = request.url?.startsWith('/api/v1/pods')
      ? pods
      : [{ kind: 'Node', metadata: { name: 'node-a' }, spec: {}, status: {} }];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ kind: 'List', items }));
  });
  const port = await listen(api);
  kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(kubeconfigAt(port)));
});
afterAll(async () => {
  api.closeAllConnections();
  api.close();
  await rm(folder, { recursive: true, force: true });
});

async function offered(words: readonly string[], environment: Record<string, string> = { KUBECONFIG: kubeconfig }) {
  let said = '';
  const exit = await runProgram(['__complete', '--', ...words], {
    out: (text) => void (said += text),
    err: (text) => void (said += text),
    environment,
    signal: new AbortController().signal,
  });
  expect(exit).toBe(0);
  return said.split('\n').filter((one) => one !== '');
}

test.each<[readonly string[], readonly string[]]>([
  [['di'], ['diagnose']],
  [
    ['fix', 'r'],
    ['reject', 'rollback'],
  ],
  [['audit', ''], ['verify']],
  [['diagnose', '--ku'], ['--kubeconfig']],
  [['diagnose', 'x/y', '-o', 'y'], ['yaml']],
  [
    ['serve', '--role', ''],
    ['bot', 'worker', 'all'],
  ],
  [['trace', '--ho'], ['--hook']],
  [
    ['trace', '--hook', 'P'],
    ['PREROUTING', 'POSTROUTING'],
  ],
  [['explain', 'controller-f'], ['controller-forbidden']],
  [['replay', 'a-case', '--expect', 'controller-f'], ['controller-forbidden']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [
    ['diagnose', ''],
    ['default/', 'web/'],
  ],
  [['diagnose', 'd'], ['default/']],
  [
    ['diagnose', 'default/'],
    ['default/mypod', 'default/client'],
  ],
  [['diagnose', '-n', 'web', ''], ['front']],
  [['policy', 'd'], ['default/']],
  [['policy', 'default/mypod', '--from', 'pod:web/'], ['pod:web/front']],
  [
    ['diagnose', '--namespace', ''],
    ['default', 'web'],
  ],
  [['diagnose', 'default/mypod', '--from', 'n'], ['node:']],
  [['diagnose', 'default/mypod', '--from', 'pod:web/'], ['pod:web/front']],
  [['diagnose', 'default/mypod', '--from', 'node:'], ['node:node-a']],
])(
  '%j: %j',
  async (words, expected) => {
    // An API server that is asked for seconds offers nothing, and on a busy machine this one takes that long.
    const seen = await until('something to be offered', 60, async () => {
      const now = await offered(words);
      return now.length > 0 ? now : null;
    });
    expect(seen).toEqual(expected);
  },
  90_000,
);

test('without a cluster nothing is offered, and nothing is said', async () => {
  expect(await offered(['diagnose', ''], { KUBECONFIG: '/none' })).toEqual([]);
});

test('bash asks the program', async () => {
  await writeFile(join(folder, 'calico-chatops'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`, {
    mode: 0o755,
  });
  const script = [
    'source <(calico-chatops completion bash)',
    'COMP_WORDS=(calico-chatops fix r); COMP_CWORD=2',
    '_calico_chatops; printf "%s\\n" "${COMPREPLY[@]}"',
    'complete -p calico-chatops',
  ].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-euc', script], {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder },
  });
  expect(stdout).toBe('reject\nrollback\ncomplete -o default -F _calico_chatops calico-chatops\n');
});

test('a shell that is not known is wrong usage', async () => {
  let said = '';
  const exit = await runProgram(['completion', 'csh'], {
    out: () => undefined,
    err: (text) => void (said += text),
    environment: {},
    signal: new AbortController().signal,
  });
  expect({ exit, said }).toMatchObject({
    exit: 3,
    said: expect.stringContaining('"csh" is not one of bash, zsh, fish'),
  });
});
