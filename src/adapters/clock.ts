import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Clock } from '../model/ports.ts';

/** The machine's own time. `sleep` rejects with the signal's reason. */
export function createClock(): Clock {
  return {
    now: () => new Date(),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      await setTimeout(milliseconds, undefined, { signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      });
    },
  };
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** The time of a replayed run: when all else rests, it jumps to the moment at which the next sleeper wakes. */
export function createReplayClock(start: Date): Clock {
  let now = start.getTime();
  const sleepers: Sleeper[] = [];
  let passing = false;

  const pass = async () => {
    if (passing) return;
    passing = true;
    while (sleepers.length > 0) {
      await setImmediate();
      const next = sleepers.toSorted((a, b) => a.until - b.until)[0];
      if (next === undefined) break;
      sleepers.splice(sleepers.indexOf(next), 1);
      now = Math.max(now, next.until);
      next.wake();
    }
    passing = false;
  };

  return {
    now: () => new Date(now),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper: Sleeper = { until: now + milliseconds, wake: resolve };
      const abort = () => {
        sleepers.splice(sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      sleepers.push(sleeper);
      void pass();
      await promise.finally(() => signal?.removeEventListener('abort', abort));
    },
  };
}
