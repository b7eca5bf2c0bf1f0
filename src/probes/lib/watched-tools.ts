import type { Transcript } from '../../model/command.ts';
import type { Gap } from '../../model/evidence.ts';
import type { NodeLook } from '../../model/probe.ts';
import { gapOf, toolError } from './evidence.ts';

/** Notes the programs that nodes could not run, for looks whose answers do not say so. */
export function watchTools(): {
  watched<C extends string>(look: NodeLook<C>): NodeLook<C>;
  /** One for each program of each node. */
  gaps(): readonly Gap[];
} {
  const gaps = new Map<string, Gap>();
  const note = (transcript: Transcript): Transcript => {
    const error = toolError(transcript);
    if (error) gaps.set(error.message, gapOf(error, transcript.node));
    return transcript;
  };
  return {
    watched: (look) => ({
      ...look,
      run: async (command, params) => note(await look.run(command, params)),
      start(command, params) {
        const running = look.start(command, params);
        const result = running.result.then(note);
        // Who asked may be gone when it fails.
        result.catch(() => {});
        return { ready: running.ready, result, stop: () => running.stop() };
      },
    }),
    gaps: () => [...gaps.values()],
  };
}
