import { once } from 'node:events';
import { createLog } from '../adapters/log.ts';
import { serve, type Role } from '../compose-serve.ts';
import { loadConfig } from '../config.ts';
import { exitCode, type Surroundings } from './output.ts';

/**
 * `calico-chatops serve`: runs until it is told to end, then lets running jobs finish.
 * @throws ProgramError when something that the role needs cannot be had
 */
export async function serveCommand(role: Role, { environment, signal }: Surroundings): Promise<number> {
  const config = loadConfig(environment, role === 'bot' ? ['slack'] : ['slack', 'nodes']);
  const log = createLog();
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
