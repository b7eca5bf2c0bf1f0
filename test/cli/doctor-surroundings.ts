/**
 * What the program meets where doctor is tried: files, Redis, Slack, and an API server that can be told what to say.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Check } from '../../src/setup/check.ts';
import { freePort } from '../../tools/lab/free-port.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { kubeconfigAt } from '../support/kubeconfig.ts';
import { listen } from '../support/listening.ts';
import { startTestRedis } from '../support/redis.ts';
import { calicoNode } from '../support/calico-node.ts';

/** What doctor prints as JSON. */
export interface Report {
  readonly state: string;
  readonly exit: number;
  readonly checks: readonly Check[];
}

/** What the API server says. */
interface ServedCluster {
  /** To who lists nodes; 401 to everybody. */
  nodesStatus: number;
  /** Rights that it denies, as `verb resource`. */
  denied: readonly string[];
  hasCalico: boolean;
  /** The account may do everything. */
  isAdministrator: boolean;
  /** How far its clock is ahead. */
  aheadMs: number;
}

export interface DoctorSurroundings {
  /** A configuration with which all is well. */
  readonly good: () => Record<string, string>;
  readonly cluster: ServedCluster;
  /** Of an app with few scopes. */
  readonly narrow: Workspace;
  /** Address of a Redis that writes no file. */
  readonly lossyRedis: string;
  /** Another program listens there. */
  readonly takenPort: number;
  /** Nobody listens there. */
  readonly closedPort: number;
  /**
   * Path of a file in the folder: key, key.pub, locked, hosts, empty, pipe (that nobody writes into), bad.yaml,
   * unknown.yaml, clusters.yaml, wrong-clusters.yaml, kubeconfig, ending, ended and lasting, with a token that does so, and away, of a cluster that
   * does not answer.
   */
  readonly path: (name: string) => string;
  stop(): Promise<void>;
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** As Kubernetes makes it for an account, and as nobody signed it. */
function tokenFor(days: number): string {
  const now = Math.floor(Date.now() / 1000);
  return [part({ alg: 'RS256' }), part({ iat: now, exp: now + days * 86_400 }), 'signature'].join('.');
}

export async function startDoctorSurroundings(): Promise<DoctorSurroundings> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-doctor-'));
  const redis = await startTestRedis();
  const lossy = await startTestRedis();
  const client = new Redis({ path: lossy.address.slice('unix:'.length) });
  await client.config('SET', 'appendonly', 'no');
  client.disconnect();
  const workspace = await startWorkspace();
  const narrow = await startWorkspace({ override: { scopes: ['chat:write', 'commands', 'channels:history'] } });
  const path = (name: string) => join(folder, name);
  const cluster: ServedCluster = {
    nodesStatus: 200,
    denied: [],
    hasCalico: true,
    isAdministrator: false,
    aheadMs: 0,
  };
  const api = createServer((request, response) => {
    const say = (status: number, body: object): void =>
      void response
        .writeHead(status, {
          'content-type': 'application/json',
          date: new Date(Date.now() + cluster.aheadMs).toUTCString(),
        })
        .end(JSON.stringify(body));
    const status = (code: number, reason: string, message: string): void =>
      say(code, { kind: 'Status', status: 'Failure', code, reason, message });
    const url = request.url ?? '';
    if (cluster.nodesStatus === 401) status(401, 'Unauthorized', 'Unauthorized');
    else if (url.startsWith('/api/v1/nodes') && cluster.nodesStatus === 403)
      status(403, 'Forbidden', 'nodes is forbidden: User "u" cannot list resource "nodes"');
    else if (url.startsWith('/api/v1/nodes')) say(200, { kind: 'NodeList', items: [] });
    else if (url.endsWith('/namespaces/kube-system'))
      say(200, { kind: 'Namespace', metadata: { name: 'kube-system' } });
    else if (url.endsWith('/namespaces/kube-system/daemonsets/calico-node') && cluster.hasCalico) say(200, calicoNode);
    else if (request.method === 'GET') status(404, 'NotFound', 'not found');
    if (request.method === 'GET' || response.writableEnded) return;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { verb, resource } = (JSON.parse(body) as { spec: { resourceAttributes: Record<string, string> } }).spec
        .resourceAttributes;
      const allowed = resource === '*' ? cluster.isAdministrator : !cluster.denied.includes(`${verb} ${resource}`);
      say(201, { status: { allowed } });
    });
  });
  const apiPort = await listen(api);
  const closedPort = await freePort();
  const kubeconfig = kubeconfigAt(apiPort);
  await writeFile(path('kubeconfig'), JSON.stringify(kubeconfig));
  const keygen = (name: string, phrase: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', phrase, '-f', path(name)]);
  keygen('key', '');
  keygen('locked', 'a phrase');
  const [type, key] = (await readFile(path('key.pub'), 'utf8')).split(' ');
  await writeFile(path('hosts'), `node-a ${type} ${key}\n`);
  await writeFile(path('empty'), '');
  execFileSync('mkfifo', [path('pipe')]);
  await writeFile(path('bad.yaml'), 'APPROVERS: [U0ALICE\n');
  await writeFile(path('unknown.yaml'), 'SSH_USR: bot\n');
  const away = kubeconfigAt(closedPort);
  for (const [name, days] of [
    ['ending', 3],
    ['ended', -3],
    ['lasting', 300],
  ] as const)
    await writeFile(
      path(name),
      JSON.stringify({ ...kubeconfig, users: [{ name: 'it', user: { token: tokenFor(days) } }] }),
    );
  await writeFile(path('away'), JSON.stringify(away));
  await writeFile(path('approval'), 'k'.repeat(48), { mode: 0o600 });
  const clusters = {
    east: { CHANNELS: ['C0ONCALL'], APPROVERS: 'U0ALICE' },
    west: { KUBECONFIG: path('away'), SSH_KEY_FILE: path('key.pub') },
  };
  await writeFile(path('clusters.yaml'), JSON.stringify({ CLUSTERS: clusters }));
  await writeFile(path('wrong-clusters.yaml'), JSON.stringify({ CLUSTERS: { east: { SSH_PRT: 22, SSH_PORT: 'x' } } }));

  const good = () => ({
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
  return {
    good,
    cluster,
    narrow,
    lossyRedis: lossy.address,
    takenPort: apiPort,
    closedPort,
    path,
    async stop() {
      api.closeAllConnections();
      api.close();
      await Promise.all([workspace.stop(), narrow.stop(), redis.stop(), lossy.stop()]);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
