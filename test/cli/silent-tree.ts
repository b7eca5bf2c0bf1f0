import type { Command } from 'commander';
import { commandTree } from '../../src/cli/commands.ts';

const silent = () => undefined;

/** The program's commands, to be read and not to be run. */
export const silentTree = (): Command =>
  commandTree(
    {
      out: silent,
      err: silent,
      told: silent,
      progress: silent,
      questions: null,
      environment: {},
      signal: new AbortController().signal,
    },
    silent,
  );
