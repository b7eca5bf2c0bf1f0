import type { Step } from './steps.ts';

/** Waits until Felix of a node answers that it is ready: in sync, and programmed. */
export function felixReady(on: string): Step {
  return {
    do: 'await',
    what: `Felix of ${on} to be ready`,
    on,
    command: ['curl', '-fsS', '-o', '/dev/null', 'http://127.0.0.1:9099/readiness'],
    seconds: 30,
  };
}
