import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { openSync } from 'node:fs';
import { freePort } from '../free-port.ts';
import { labPaths, projectRoot, type LabPaths } from '../paths.ts';
import { describeProcess, removeProcess } from '../processes.ts';
import { attempt, until } from '../run.ts';
import type { Topology } from '../topology.ts';
import { botEnvironment, ports, workspaceStart } from './bot.ts';
import { inOperations } from './command.ts';

const answersHttp = (paths: LabPaths, url: string) => async () =>
  (await attempt(inOperations(paths, ['curl', '-s', '-o', '/dev/null', '--max-time', '2', url]))).status === 0
    ? true
    : null;

export const redisSocket = ({ operations }: LabPaths): string => `${operations}/redis/redis.sock`;
export const workspaceSocket = ({ root }: LabPaths): string => `${root}/workspace.sock`;

/** Shows the workspace page on the machine's loopback: namespace → Unix socket → loopback. */
async function showPage(paths: LabPaths): Promise<string> {
  const socket = workspaceSocket(paths);
  const forwarder = `${import.meta.dirname}/forwarder.ts`;
  await describeProcess(paths, 'workspace-door', {
    argv: inOperations(paths, [process.execPath, forwarder, socket, `127.0.0.1:${ports.workspace}`]),
    env: {},
    log: `${paths.logs}/workspace-door.log`,
    earlierLog: null,
    restart: true,
  });
  const port = await freePort();
  const log = openSync(`${paths.logs}/page-forwarder.log`, 'a');
  const child = spawn(process.execPath, [forwarder, `127.0.0.1:${port}`, socket], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
  });
  child.unref();
  await writeFile(paths.pageForwarderPid, String(child.pid));
  const address = `http://127.0.0.1:${port}/`;
  await until('the workspace page on the loopback', 10, async () => {
    const answer = await fetch(address).catch(() => null);
    return answer?.ok === true ? true : null;
  });
  await writeFile(`${paths.root}/workspace-address`, address);
  return address;
}

/** The bot, which runs its worker as a child, or the two apart. */
const processOf = { all: 'bot', bot: 'bot', worker: 'worker' } as const;

interface ServeFiles {
  /** A configuration file, beside what the lab's bot has. */
  readonly config?: string | undefined;
  /** What the workspace starts with; not given: the usual people and channels. */
  readonly workspace?: string | undefined;
}

/** Starts Redis, the workspace, the bot and its worker in the operations namespace: a process for each of the roles. */
export async function serve(
  topology: Topology,
  roles: readonly (keyof typeof processOf)[],
  { config, workspace = workspaceStart }: ServeFiles = {},
): Promise<void> {
  const paths = labPaths(topology.name);
  await mkdir(`${paths.operations}/redis`, { recursive: true });
  const program = (name: string, argv: string[], env: Record<string, string> = {}) =>
    describeProcess(paths, name, {
      argv: inOperations(paths, argv),
      env,
      log: `${paths.logs}/${name}.log`,
      earlierLog: null,
      restart: true,
    });
  await program('redis', [
    'redis-server',
    '--bind',
    '127.0.0.1',
    '--port',
    String(ports.redis),
    // For a worker that is in another lab's namespace.
    '--unixsocket',
    redisSocket(paths),
    '--dir',
    `${paths.operations}/redis`,
    '--appendonly',
    'yes',
    '--save',
    '',
  ]);
  await program('workspace', [
    process.execPath,
    `${projectRoot}/tools/slack-workspace/main.ts`,
    '--host',
    '127.0.0.1',
    '--port',
    String(ports.workspace),
    '--start',
    workspace,
  ]);
  await until('Redis', 10, async () =>
    (await attempt(inOperations(paths, ['redis-cli', '-p', String(ports.redis), 'ping']))).stdout.trim() === 'PONG'
      ? true
      : null,
  );
  await until('the workspace', 15, answersHttp(paths, `http://127.0.0.1:${ports.workspace}/`));
  for (const role of roles)
    await program(processOf[role], [`${paths.operations}/bin/calico-chatops`, 'serve', '--role', role], {
      ...botEnvironment(paths),
      ...(config === undefined ? {} : { CALICO_CHATOPS_CONFIG: config }),
      REDIS_URL: `redis://127.0.0.1:${ports.redis}`,
    });
  await until('the bot', 30, answersHttp(paths, `http://127.0.0.1:${ports.bot}/healthz`));
  console.log(`workspace ${await showPage(paths)}`);
  console.log(
    `logs ${paths.logs}/{${[...new Set(roles.map((role) => processOf[role]))].join(',')},workspace,redis}.log`,
  );
}

/** Ends what `serve` started; what Redis keeps stays for the next time. */
export async function stop(topology: Topology): Promise<void> {
  const paths = labPaths(topology.name);
  for (const name of ['bot', 'worker', 'workspace', 'workspace-door', 'redis']) await removeProcess(paths, name);
  await attempt(['sh', '-c', `kill "$(cat ${paths.pageForwarderPid})"`]);
  await rm(paths.pageForwarderPid, { force: true });
  await rm(`${paths.root}/workspace-address`, { force: true });
}
