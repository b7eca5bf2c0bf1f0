/** The real program under `serve`, over a workspace, a Redis of its own and an API server that answers nothing. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectionsOf, listen } from '../support/listening.ts';
import { startTestRedis } from '../support/redis.ts';
import { keptCompilation } from '../../tools/lab/kept-compilation.ts';
import { until } from '../../tools/lab/run.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const alertToken = 'a-token-of-alertmanager';

/** Takes connections and says nothing, until they are cut. */
export interface SilentServer {
  readonly url: string;
  /** Open connections: each is a request that waits. */
  waiting(): number;
  /** Cuts them, and refuses all that come. */
  cut(): Promise<void>;
}

export async function startSilentServer(): Promise<SilentServer> {
  const server = createServer();
  const { open, close } = connectionsOf(server);
  return { url: `http://127.0.0.1:${await listen(server)}`, waiting: open, cut: close };
}

/** What every program of one test file shares. */
export interface Surroundings {
  readonly workspace: Workspace;
  readonly redis: { readonly address: string };
  readonly folder: string;
  /** Those of `startServe`. */
  readonly programs: ChildProcess[];
  /** Ends all of it, with the programs that a failed test left. */
  stop(): Promise<void>;
}

/** @param port where the program will listen, in HTTP mode; null: Socket Mode */
export async function startSurroundings(port: number | null = null): Promise<Surroundings> {
  const redis = await startTestRedis();
  const override = port === null ? {} : { override: { request_url: `http://127.0.0.1:${port}/slack/events` } };
  const workspace = await startWorkspace(override);
  const folder = await mkdtemp(join(tmpdir(), 'cc-served-'));
  const programs: ChildProcess[] = [];
  await Promise.all(['key', 'hosts'].map((name) => writeFile(join(folder, name), '')));
  return {
    workspace,
    redis,
    folder,
    programs,
    async stop() {
      for (const program of programs) program.kill('SIGKILL');
      await workspace.stop();
      await redis.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function kubeconfig(folder: string, server: string): Promise<string> {
  const file = join(folder, `kubeconfig-${new URL(server).port}`);
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'bot', user: {} }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'bot' } }],
    }),
  );
  return file;
}

export interface ServedProgram {
  readonly process: ChildProcess;
  readonly url: string;
  /** All that it and its worker said on standard error so far. */
  said(): string;
  /** Resolves with the match once it was said. */
  heard(pattern: RegExp): Promise<RegExpExecArray>;
  /** Pid of the worker that runs now. */
  worker(): number | null;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

export interface ServedOptions {
  readonly mode: 'socket' | 'http';
  /** 0: any that is free. */
  readonly port?: number;
  readonly apiServer?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A script that both processes load first. */
  readonly preload?: string;
}

/** Starts `serve` with both roles, and waits until it serves. */
export async function startServe(surroundings: Surroundings, options: ServedOptions): Promise<ServedProgram> {
  const { workspace, redis, folder } = surroundings;
  const { bot_token: token, app_token: appToken, signing_secret: secret } = workspace.start;
  const preload = join(folder, 'preload.mjs');
  await writeFile(preload, options.preload ?? '');
  const child = spawn(process.execPath, [main, 'serve'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      ...keptCompilation(),
      SLACK_BOT_TOKEN: token,
      SLACK_SIGNING_SECRET: secret,
      SLACK_API_URL: workspace.apiUrl,
      ...(options.mode === 'socket' ? { SLACK_APP_TOKEN: appToken } : {}),
      REDIS_URL: redis.address,
      LISTEN: `127.0.0.1:${options.port ?? 0}`,
      ALERT_TOKEN: alertToken,
      ALERT_CHANNEL: 'oncall',
      SSH_USER: 'nobody',
      SSH_KEY_FILE: join(folder, 'key'),
      SSH_KNOWN_HOSTS_FILE: join(folder, 'hosts'),
      KUBECONFIG: await kubeconfig(folder, options.apiServer ?? 'http://127.0.0.1:1'),
      NODE_OPTIONS: `--import=${preload}`,
      ...options.environment,
    },
  });
  surroundings.programs.push(child);
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let over = false;
  void ended.then(() => (over = true));
  const heard = (pattern: RegExp) =>
    until(`${pattern}`, 40, async () => {
      const found = pattern.exec(text);
      if (!found && over) throw new Error(`ended without saying ${pattern}: ${text}`);
      return found;
    });
  const port = (await heard(/serving as all, HTTP on port (\d+)/))[1];
  return {
    process: child,
    url: `http://127.0.0.1:${port}`,
    said: () => text,
    heard,
    ended,
    worker: () => childrenOf(child.pid ?? 0).find(isWorker) ?? null,
  };
}

function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split(' ')
    .filter((one) => one !== '')
    .map(Number);
}

/** Not the program's own redis-server, which is a child as well. */
function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('worker');
  } catch {
    // It ended since the children were listed.
    return false;
  }
}

/** Whether the process is there and no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
