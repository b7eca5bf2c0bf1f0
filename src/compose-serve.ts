/** The long-running program: store and queues, and what the role adds to them. */
import { fileURLToPath } from 'node:url';
import { CouldNotStart, startChildProgram } from './adapters/child-program.ts';
import { createClock } from './adapters/clock.ts';
import type { Log } from './adapters/log.ts';
import type { Closings, ServeContext, ServeOptions } from './compose-context.ts';
import { twoApproversFrom } from './compose-known-clusters.ts';
import { errorTable, ProgramError, type ErrorCode } from './errors.ts';
import { StoreUnreachable } from './model/runs.ts';
import { teller } from './runs/tell.ts';

export interface Served {
  /** Where it listens for HTTP; null: nowhere. */
  readonly port: number | null;
  stop(): Promise<void>;
}

/** Longer than a worker takes to let its jobs finish and to cut off those that do not. */
const workerEndMs = 25_000;

/** Starts what the role says; what was started is stopped again when something else cannot be. */
export async function serve(options: ServeOptions): Promise<Served> {
  const closings: Closings = [];
  const stop = async () => {
    for (const close of closings.splice(0).toReversed()) {
      await close().catch((error: unknown) => options.log.error('could not be closed', error));
    }
  };
  try {
    return { port: await start(options, closings), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: ServeOptions, closings: Closings): Promise<number | null> {
  const { config, role, log, onFailure } = options;
  const startChild = (address: string) => (role === 'all' ? startWorkerProcess(options, address, closings) : null);
  // Started as soon as it can find Redis: it takes the longest, and the bot is put together meanwhile.
  const early = config.REDIS_URL ? startChild(config.REDIS_URL) : null;
  // Packages are loaded when they are needed: bot and worker each do without some.
  const { checkAudit, openStore, tellStoreLimits } = await import('./compose-store.ts');
  const opened = await openStore(config, { line: (text) => log.info(text), audit: (record) => log.audit(record) });
  let isEnding = false;
  closings.push(() => opened.close());
  closings.push(async () => {
    isEnding = true;
  });
  const worker = early ?? startChild(opened.address);
  const { createJobQueues } = await import('./adapters/queue.ts');
  const onError = quieter(log);
  const queues = createJobQueues({
    address: opened.address,
    onError,
    clusters: config.clusters.map(({ name }) => name),
  });
  closings.push(() => queues.close());
  const warn = (what: string, error: unknown) => log.warn(what, error);
  const { store, audit, seals, address } = opened;
  const telling = { store, clock: createClock(), queues, warn };
  const { APPROVE_OWN: approveOwn, FIXES_PER_HOUR: fixesPerHour } = config;
  const deps = {
    ...telling,
    tell: teller(telling),
    audit,
    seals,
    approveOwn,
    fixesPerHour,
    twoFrom: twoApproversFrom(config),
  };
  const context: ServeContext = { config, log, onFailure, deps, address, onError, closings };
  // Not waited for: Redis may be away, and the bot says so to who asks.
  // The worker of role all shares this process's state: one of the two looks.
  if (role !== 'worker' || process.send === undefined) {
    void checkAudit(audit, log, () => isEnding);
    void tellStoreLimits(address, config, log);
  }
  if (role === 'worker') {
    await (await import('./compose-worker.ts')).startWorker(context).catch((error: unknown) => {
      throw error instanceof StoreUnreachable ? opened.unreachable(error) : error;
    });
    return null;
  }
  const port = await (await import('./compose-bot.ts')).startBot(context);
  await worker?.ready();
  return port;
}

/**
 * Runs the worker in a process of its own: what it parses was written by others and may keep it busy, and the loop that
 * answers Slack must not wait for that. A fault of one of the two does not end the other's work either.
 */
function startWorkerProcess({ environment, log }: ServeOptions, address: string, closings: Closings) {
  const child = startChildProgram({
    name: 'worker',
    file: fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'main.ts' : 'main.js', import.meta.url)),
    argv: ['serve', '--role', 'worker'],
    // Not an argument: an address may hold a password, and everyone on the machine can read arguments.
    environment: { ...environment, REDIS_URL: address, REDIS_URL_FILE: undefined },
    log: (level, text) => log[level](text),
  });
  closings.push(() => child.stop(workerEndMs));
  return {
    ready: () =>
      child.ready.catch((error: unknown) => {
        throw error instanceof CouldNotStart && isErrorCode(error.code)
          ? new ProgramError(error.code, error.message)
          : error;
      }),
  };
}

function isErrorCode(code: string | null): code is ErrorCode {
  return code !== null && Object.hasOwn(errorTable, code);
}

/** Redis that is away makes many errors that say the same. */
function quieter(log: Log): (error: Error) => void {
  let last = '';
  return (error) => {
    if (error.message !== last) log.error('queue', error);
    last = error.message;
  };
}
