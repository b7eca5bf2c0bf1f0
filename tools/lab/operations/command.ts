import { processPid } from '../processes.ts';
import type { LabPaths } from '../paths.ts';
import { botEnvironment, ports } from './bot.ts';

/** A command in the operations namespace, without more. */
export function inOperations(paths: LabPaths, argv: readonly string[]): string[] {
  return ['nsenter', `--net=${paths.namespaceFile('ops')}`, '--', ...argv];
}

/** A command in the operations namespace, with the bot's configuration and the program in its path. */
export function operationsCommand(paths: LabPaths, command: string[]): { argv: string[]; env: NodeJS.ProcessEnv } {
  const served = processPid(paths, 'redis') === null ? {} : { REDIS_URL: `redis://127.0.0.1:${ports.redis}` };
  return {
    argv: inOperations(paths, command),
    env: {
      ...process.env,
      ...botEnvironment(paths),
      ...served,
      PATH: `${paths.operations}/bin:${process.env['PATH']}`,
    },
  };
}
