import type { RunningCommand, Transcript } from '../../src/model/command.ts';
import { LookError } from '../../src/model/look-error.ts';

/** What a command brought back: success with nothing printed, but for what is given. */
export function transcript(over: Partial<Transcript> = {}): Transcript {
  return {
    node: 'n1',
    command: 'command',
    at: '2026-11-23T18:00:00.000Z',
    durationMs: 1,
    exit: 0,
    stdout: '',
    stderr: '',
    timedOut: false,
    truncated: false,
    file: null,
    ...over,
  };
}

/** A command that is ready at once and brings this back, or whose connection fails so. */
export function running(node: string, said: Partial<Transcript> | LookError): RunningCommand {
  const promised = <T>(value: T): Promise<T> => {
    const promise = said instanceof LookError ? Promise.reject<T>(said) : Promise.resolve(value);
    promise.catch(() => {});
    return promise;
  };
  return {
    ready: promised(undefined),
    result: promised(transcript({ node, ...(said instanceof LookError ? {} : said) })),
    stop: () => {},
  };
}
