import type { Transcript } from '../../src/model/command.ts';

/** What a command brought back: success with nothing printed, but for what is given. */
export function transcript(over: Partial<Transcript> = {}): Transcript {
  return { node: 'n1', command: 'command', at: '2026-11-23T18:00:00.000Z', durationMs: 1, exit: 0, stdout: '', stderr: '', timedOut: false, truncated: false, file: null, ...over };
}
