/** What the parts of the long-running program are put together from. */
import type { Log } from './adapters/log.ts';
import type { Config } from './config.ts';
import type { ProgramError } from './errors.ts';
import type { DecideDeps } from './plans/decide-plan.ts';
import type { JobQueues } from './model/jobs.ts';

export type Role = 'bot' | 'worker' | 'all';

export interface ServeOptions {
  readonly config: Config;
  readonly role: Role;
  readonly log: Log;
  /** What the worker's process is given, beside where Redis is. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Something that the role needs is lost for good while it serves. */
  readonly onFailure: (error: ProgramError) => void;
}

/** What has to be closed, in the order in which it was opened. */
export type Closings = (() => Promise<void>)[];

/** What bot and worker are built from. */
export interface ServeContext extends Pick<ServeOptions, 'config' | 'log' | 'onFailure'> {
  readonly deps: DecideDeps & { readonly queues: JobQueues };
  /** Of Redis, as REDIS_URL takes it. */
  readonly address: string;
  readonly onError: (error: Error) => void;
  /** Called in reverse order at the end. */
  readonly closings: Closings;
}
