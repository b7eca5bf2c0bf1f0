import { once } from 'node:events';
import type { ChildNews } from '../adapters/child-program.ts';
import { createLog, type Log } from '../adapters/log.ts';
import type { Role } from '../compose-context.ts';
import { serve } from '../compose-serve.ts';
import { loadConfig, type Need } from '../config.ts';
import { refuseUnusedFile } from '../config-unused.ts';
import { describeError } from '../errors.ts';
import { exitCode, type Surroundings } from './output.ts';

/** A worker only posts: what proves that Slack asks is the bot's alone. */
const needs: Readonly<Record<Role, readonly Need[]>> = {
  all: ['slack', 'slack-events', 'nodes'],
  bot: ['slack', 'slack-events'],
  worker: ['slack', 'nodes'],
};

/**
 * `calico-chatops serve`: runs until it is told to end, then lets running jobs finish.
 * @throws ProgramError when something that the role needs cannot be had, or is lost for good while it serves
 */
export async function serveCommand(role: Role, { environment, signal }: Surroundings): Promise<number> {
  const log = createLog();
  const ending = new AbortController();
  let failure: unknown = null;
  const fail = (error: unknown) => {
    failure ??= error;
    ending.abort();
  };
  lastResort(log, fail);
  const parent = parentOf(() => ending.abort());
  try {
    refuseUnusedFile(environment, process.cwd());
    const config = loadConfig(environment, needs[role]);
    if (role !== 'all' && !config.REDIS_URL)
      log.warn(
        `REDIS_URL is not set: only a process of this machine over ${config.STATE_DIR} shares work with this ${role}`,
      );
    const served = await serve({ config, role, log, environment, onFailure: fail });
    log.info(`serving as ${role}${served.port === null ? '' : `, HTTP on port ${served.port}`}`);
    await parent?.tell({ ready: true });
    const asked = AbortSignal.any([signal, ending.signal]);
    if (!asked.aborted) await once(asked, 'abort');
    log.info('ending');
    await served.stop();
    if (failure !== null) throw failure;
    return exitCode.done;
  } catch (error) {
    const { code, message, exit } = describeError(error);
    if (!parent) throw error;
    await parent.tell({ ready: false, code, message });
    return exit;
  } finally {
    parent?.leave();
  }
}

/**
 * For what nobody caught. A promise that was rejected leaves the process sound: one line, and it goes on. After an
 * exception the state of whatever threw it is unknown: running jobs may finish, then the program ends. Node's own
 * report of an exception would print everything that hangs on it, such as a request with its headers.
 */
function lastResort(log: Log, fail: (error: unknown) => void): void {
  process.on('unhandledRejection', (error) => log.error('a rejected promise was not handled; going on', error));
  let seen = false;
  process.on('uncaughtException', (error) => {
    log.error(
      seen
        ? 'another exception was not handled; ending now'
        : 'an exception was not handled; ending after running jobs finish',
      error,
    );
    if (seen) process.exit(exitCode.internal);
    seen = true;
    fail(error);
  });
}

interface Parent {
  tell(news: ChildNews): Promise<void>;
  leave(): void;
}

/**
 * The process that started this one beside itself, if one did.
 * @param onGone called when that process is gone, or asks this one to end
 */
function parentOf(onGone: () => void): Parent | null {
  if (!process.send) return null;
  if (process.connected) process.once('disconnect', onGone);
  else onGone();
  return {
    // Settles also when the message cannot be sent: the parent's end is told by `disconnect`.
    tell: (news) =>
      new Promise((resolve) => {
        if (!process.connected) resolve();
        else process.send?.(news, undefined, undefined, () => resolve());
      }),
    leave: () => process.connected && process.disconnect(),
  };
}
