import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from './make-folder.ts';
import { answered } from './redis-connection.ts';

export interface OwnRedis {
  /** As REDIS_URL takes it. */
  readonly address: string;
  /** False: it was running already, started by another process over the same folder. */
  readonly started: boolean;
  /** To be called when every connection of this process is closed: ends the server when no other process uses it. */
  close(): Promise<void>;
}

/** Linux takes no longer paths for a socket. */
const longestSocketPath = 107;
const startMs = 10_000;
/** The server sees a connection end some time after its process closed it. */
const leaveMs = 500;
const leaving = 'leaving';
/** One that is stopped takes connections, and never answers. */
const answerMs = 2000;

/**
 * The program's own redis-server over a folder: append-only, on a Unix socket that only this user may open. Processes
 * of one folder share one server; a lock on the folder, held by the server as long as it lives, keeps a second one out.
 * @param log told once where the data is.
 * @throws Error when there is no redis-server program, it does not start, or the folder's path is too long for a
 * socket.
 */
export async function startOwnRedis(stateDir: string, log: (line: string) => void): Promise<OwnRedis> {
  const folder = join(resolve(stateDir), 'redis');
  const socket = join(folder, 'redis.sock');
  if (Buffer.byteLength(socket) > longestSocketPath)
    throw new Error(`${socket} is too long a path for a socket: choose a shorter STATE_DIR, or set REDIS_URL`);
  await makeFolder(folder);
  await chmod(folder, 0o700);
  const address = `unix:${socket}`;
  const started = !(await answers(socket)) && (await start(folder, socket));
  log(
    started
      ? `started redis-server over ${folder} (no REDIS_URL is set)`
      : `using the redis-server that runs over ${folder} (no REDIS_URL is set)`,
  );
  return { address, started, close: () => endIfUnused(socket) };
}

/** @returns false when another process was faster. */
async function start(folder: string, socket: string): Promise<boolean> {
  const logFile = join(folder, 'redis.log');
  const output = openSync(logFile, 'a', 0o600);
  // -F: flock becomes redis-server, which so holds the lock until it ends.
  const child = spawn(
    'flock',
    [
      '-n',
      '-F',
      '-E',
      '75',
      join(folder, 'lock'),
      'redis-server',
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--unixsocketperm',
      '700',
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--appendfsync',
      'everysec',
      '--maxmemory-policy',
      'noeviction',
      '--save',
      '',
      '--daemonize',
      'no',
    ],
    { detached: true, stdio: ['ignore', output, output] },
  );
  closeSync(output);
  const gone = once(child, 'exit').then(
    ([code]) => Number(code ?? -1),
    (error: Error) => Promise.reject(new Error(`redis-server could not be started: ${error.message}`)),
  );
  child.unref();
  const ending = gone.then((code) => ({ code }));
  // Nobody waits for it any more once a server answers.
  ending.catch(() => undefined);
  const deadline = Date.now() + startMs;
  let taken = false;
  while (Date.now() < deadline) {
    // Another process may have been faster while ours had not yet said so.
    if (await answers(socket)) return (await serverPid(socket)) === child.pid;
    const step = await Promise.race([...(taken ? [] : [ending]), delay(50, null)]);
    if (step?.code === 75) taken = true;
    else if (step) throw new Error(`redis-server ended at once (exit ${step.code}): ${await lastLine(logFile)}`);
  }
  throw new Error(`redis-server did not answer within ${startMs / 1000} s: ${await lastLine(logFile)}`);
}

async function answers(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  return withClient(socket, async (redis) => (await answered(redis.ping(), answerMs)) === 'PONG').catch(() => false);
}

/** flock becomes the server, so the process that was spawned is the server where it got the lock. */
async function serverPid(socket: string): Promise<number | null> {
  const found = await withClient(
    socket,
    async (redis) => /^process_id:(\d+)/m.exec(await answered(redis.info('server'), answerMs))?.[1],
  ).catch(() => undefined);
  return found === undefined ? null : Number(found);
}

async function endIfUnused(socket: string): Promise<void> {
  await withClient(socket, async (redis) => {
    await answered(redis.client('SETNAME', leaving), answerMs);
    const deadline = Date.now() + leaveMs;
    while (await isUsed(redis)) {
      if (Date.now() > deadline) return;
      await delay(25);
    }
    // The server closes the connection instead of answering.
    await answered(redis.shutdown('NOSAVE'), answerMs).catch(() => null);
  }).catch(() => null);
}

/** Does somebody use the server who is not about to leave, too? */
async function isUsed(redis: Redis): Promise<boolean> {
  const clients = String(await answered(redis.client('LIST'), answerMs))
    .trim()
    .split('\n');
  return clients.some((client) => !client.includes(` name=${leaving} `));
}

async function withClient<T>(socket: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({
    path: socket,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: 2000,
    disconnectTimeout: 100,
  });
  redis.on('error', () => null);
  try {
    await answered(redis.connect(), answerMs);
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

async function lastLine(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim().split('\n').at(-1) ?? '';
}
