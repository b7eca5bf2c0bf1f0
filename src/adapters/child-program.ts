/** A program that runs beside this one as long as this one does, and is started again when it ends. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface ChildProgramOptions {
  /** How lines of the log name it. */
  readonly name: string;
  /** The file that Node runs. */
  readonly file: string;
  /** Everyone on the machine can read these: no secret belongs here. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void;
  readonly firstPauseMs?: number;
}

/** What a child tells its parent over the channel between them: once, when it is ready or could not start. */
export type ChildNews =
  | { readonly ready: true }
  | { readonly ready: false; readonly code: string; readonly message: string };

export interface ChildProgram {
  /** Settles once the first child is ready. Rejects with CouldNotStart. */
  readonly ready: Promise<void>;
  /** Asks the child to end, gives it that long, and ends it then. */
  stop(graceMs: number): Promise<void>;
}

export class CouldNotStart extends Error {
  /** As the child said it; null: it ended without a word. */
  readonly code: string | null;
  constructor(message: string, code: string | null) {
    super(message);
    this.name = 'CouldNotStart';
    this.code = code;
  }
}

const longestPauseMs = 30_000;
/** A child that ran this long was sound: its next end is a new fault. */
const soundMs = 60_000;

/**
 * Starts the child. It has an IPC channel, and has to end when the channel closes: that is how it is told to stop, and
 * how it notices that this process is gone, however that ended.
 */
export function startChildProgram(options: ChildProgramOptions): ChildProgram {
  const { name, file, argv, environment, log, firstPauseMs = 500 } = options;
  const first = Promise.withResolvers<void>();
  // A caller may wait for it after it has settled.
  first.promise.catch(() => undefined);
  let everReady = false;
  let stopping = false;
  let pauseMs = firstPauseMs;
  let timer: NodeJS.Timeout | null = null;
  let child: ChildProcess | null = null;

  function restartLater(how: string): void {
    log('error', `the ${name} ended (${how}); restarting it in ${pauseMs / 1000} s`);
    timer = setTimeout(() => {
      try {
        start();
      } catch (error) {
        // Where memory is short, for one, forking throws: in a timer nobody would catch it.
        restartLater(error instanceof Error ? error.message : String(error));
      }
    }, pauseMs);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }

  function start(): void {
    const began = Date.now();
    const started = fork(file, [...argv], { env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let said: CouldNotStart | null = null;
    child = started;
    started.on('message', (message) => {
      const news = message as ChildNews;
      if (!news.ready) {
        said = new CouldNotStart(news.message, news.code);
        return;
      }
      if (everReady) log('info', `the ${name} runs again`);
      everReady = true;
      first.resolve();
    });
    const ended = (how: string) => {
      if (child !== started) return;
      child = null;
      if (stopping) return;
      if (!everReady) {
        first.reject(said ?? new CouldNotStart(`the ${name} ended before it was ready (${how})`, null));
        return;
      }
      if (Date.now() - began > soundMs) pauseMs = firstPauseMs;
      restartLater(said?.message ?? how);
    };
    // Where the program cannot be started this is the only event; a message that cannot be sent emits it too.
    started.on('error', (error) => started.pid === undefined && ended(error.message));
    started.on('exit', (code, signal) => ended(signal ?? `exit ${code}`));
  }

  start();
  return {
    ready: first.promise,
    async stop(graceMs) {
      stopping = true;
      if (timer) clearTimeout(timer);
      const last = child;
      if (!last || last.exitCode !== null || last.signalCode !== null) return;
      const gone = once(last, 'exit');
      // Not a signal: Ctrl-C reaches parent and child alike, and a second one means "now".
      if (last.connected) last.disconnect();
      const late = setTimeout(() => last.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(late);
    },
  };
}
