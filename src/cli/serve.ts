import { once } from 'node:events';
import { createLog } from '../adapters/log.ts';
import { serve, type Role } from '../compose-serve.ts';
import { loadConfig, type Need } from '../config.ts';
import { exitCode, type Surroundings } from './output.ts';

/** A worker only posts: what proves that Slack asks is the bot's alone. */
const needs: Readonly<Record<Role, readonly Need[]>> = {
  all: ['slack', 'slack-events', 'nodes'],
  bot: ['slack', 'slack-events'],
  worker: ['slack', 'nodes'],
};

/**
 * `calico-chatops serve`: runs until it is told to end, then lets running jobs finish.
 * @throws ProgramError when something that the role needs cannot be had
 */
export async function serveCommand(role: Role, { environment, signal }: Surroundings): Promise<number> {
  const config = loadConfig(environment, needs[role]);
  const log = createLog();
  if (role !== 'all' && !config.REDIS_URL) log.warn(`REDIS_URL is not set: only a process of this machine over ${config.STATE_DIR} shares work with this ${role}`);
  // The Socket Mode client rejects where nobody listens when Slack takes the token back.
  process.on('unhandledRejection', (error) => {
    log.error('unexpected; ending', error);
    process.exit(exitCode.internal);
  });
  const served = await serve(config, role, log);
  log.info(`serving as ${role}${served.port === null ? '' : `, HTTP on port ${served.port}`}`);
  if (!signal.aborted) await once(signal, 'abort');
  log.info('ending');
  await served.stop();
  return exitCode.done;
}
