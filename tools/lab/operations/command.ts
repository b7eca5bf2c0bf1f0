import { processPid } from '../processes.ts';
import type { LabPaths } from '../paths.ts';
import { botEnvironment, ports } from './bot.ts';

/** A command in the operations namespace, with the bot's configuration and the program in its path. */
export function operationsCommand(paths: LabPaths, command: string[]): { argv: string[]; env: NodeJS.ProcessEnv } {
  const served = processPid(paths, 'redis') === null ? {} : { REDIS_URL: `redis://127.0.0.1:${ports.redis}` };
  return {
    argv: ['nsenter', `--net=${paths.namespaceFile('ops')}`, '--', ...command],
    env: {
      ...process.env,
      ...botEnvironment(paths),
      ...served,
      PATH: `${paths.operations}/bin:${process.env['PATH']}`,
    },
  };
}
