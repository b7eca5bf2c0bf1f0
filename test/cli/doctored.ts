/** A configuration in which all is well, and what doctor reports after one change. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import type { Check } from '../../src/setup/check.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { startTestRedis } from '../support/redis.ts';

export type Environment = Record<string, string>;
interface Report {
  readonly state: string;
  readonly exit: number;
  readonly checks: readonly Check[];
}

let folder: string;
let redis: Awaited<ReturnType<typeof startTestRedis>>;
let workspace: Workspace;
export let narrow: Workspace;
export let api: Server;
/** Nobody listens there. */
export let closedPort: number;
/** What the API server answers to who lists nodes, and the rights that it denies, as `verb resource`. */
let nodesStatus: number;
let denied: readonly string[];

export const port = (server: Server) => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};
export const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-doctor-'));
  redis = await startTestRedis();
  workspace = await startWorkspace();
  narrow = await startWorkspace({ override: { scopes: ['chat:write', 'commands', 'channels:history'] } });
  api = createServer((request, response) => {
    const say = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const status = (code: number, reason: string, message: string): void =>
      say(code, { kind: 'Status', status: 'Failure', code, reason, message });
    const url = request.url ?? '';
    if (nodesStatus === 401) status(401, 'Unauthorized', 'Unauthorized');
    else if (url.startsWith('/api/v1/nodes') && nodesStatus === 403)
      status(403, 'Forbidden', 'nodes is forbidden: User "u" cannot list resource "nodes"');
    else if (url.startsWith('/api/v1/nodes')) say(200, { kind: 'NodeList', items: [] });
    else if (url.endsWith('/namespaces/kube-system'))
      say(200, { kind: 'Namespace', metadata: { name: 'kube-system' } });
    else if (request.method === 'GET') status(404, 'NotFound', 'not found');
    if (request.method === 'GET' || response.writableEnded) return;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { verb, resource } = (JSON.parse(body) as { spec: { resourceAttributes: Record<string, string> } }).spec
        .resourceAttributes;
      say(201, { status: { allowed: !denied.includes(`${verb} ${resource}`) } });
    });
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  closedPort = port(closed);
  closed.close();
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'it',
    clusters: [{ name: 'it', cluster: { server: `http://127.0.0.1:${port(api)}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'it', user: { token: 'any' } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  };
  await writeFile(path('kubeconfig'), JSON.stringify(kubeconfig));
  const keygen = (name: string, phrase: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', phrase, '-f', path(name)]);
  keygen('key', '');
  keygen('locked', 'a phrase');
  const [type, key] = (await readFile(path('key.pub'), 'utf8')).split(' ');
  await writeFile(path('hosts'), `node-a ${type} ${key}\n`);
  await writeFile(path('empty'), '');
  await writeFile(path('bad.yaml'), 'APPROVERS: [U0ALICE\n');
  await writeFile(path('unknown.yaml'), 'SSH_USR: bot\n');
}, 60_000);

afterAll(async () => {
  api.closeAllConnections();
  api.close();
  await Promise.all([workspace.stop(), narrow.stop(), redis.stop()]);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

beforeEach(() => {
  nodesStatus = 200;
  denied = [];
});

const good = (): Environment => ({
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  STATE_DIR: path('state'),
  REDIS_URL: redis.address,
  KUBECONFIG: path('kubeconfig'),
  SSH_USER: 'bot',
  SSH_KEY_FILE: path('key'),
  SSH_KNOWN_HOSTS_FILE: path('hosts'),
  SLACK_BOT_TOKEN: workspace.start.bot_token,
  SLACK_APP_TOKEN: workspace.start.app_token,
  SLACK_API_URL: workspace.apiUrl,
  APPROVERS: 'U0ALICE,S0PLATFORM,@platform',
  ALERT_CHANNEL: 'C0ONCALL',
  ALERT_TOKEN: 'a-token-of-alertmanager',
  LISTEN: '127.0.0.1:0',
});

export async function doctor(
  change: Environment,
  ...more: readonly string[]
): Promise<{ report: Report; text: string }> {
  const printed: string[] = [];
  const exit = await runProgram(['doctor', ...(more.length > 0 ? [] : ['--json'])], {
    out: (text) => void printed.push(text),
    err: (text) => void printed.push(text),
    environment: { ...good(), ...change },
    signal: new AbortController().signal,
  });
  const text = printed.join('');
  const report = more.length > 0 ? { state: '', exit, checks: [] } : (JSON.parse(text) as Report);
  expect(report.exit).toBe(exit);
  return { report, text };
}

export const wrong = ({ checks }: Report) => checks.filter(({ state }) => state !== 'ok');

/** What the API server answers in this test instead: a status for every read, what it denies. */
export const answers = (other: {
  readonly nodesStatus?: number;
  readonly denied?: readonly string[];
}): Record<string, never> => {
  nodesStatus = other.nodesStatus ?? nodesStatus;
  denied = other.denied ?? denied;
  return {};
};
