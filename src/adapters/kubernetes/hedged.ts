import { afterAwake } from '../awake-timer.ts';

/** Why an attempt of {@link hedged} was ended: nothing answered in time. */
export class NoAnswer extends Error {
  constructor() {
    super('no answer in time');
    this.name = 'TimeoutError';
  }
}

export interface HedgeOptions {
  /** Milliseconds after which a second attempt starts beside the first; null: there is one attempt. */
  readonly secondAfterMs: number | null;
  /** Milliseconds after which all end, as {@link afterAwake} counts them. */
  readonly limitMs: number;
  /** Says of an attempt that failed early whether a second one may fare better (a connection that was just closed). */
  readonly worthAnother: (error: unknown) => boolean;
}

/**
 * Returns what the first of at most two attempts gives: one slow answer decides nothing. Two are for reads only, which
 * may happen twice.
 * @param attempt must end when its signal aborts; it is not waited for then. `nth`: 1 or 2.
 * @throws NoAnswer after `limitMs`; else what the last attempt threw
 */
export function hedged<T>(
  attempt: (signal: AbortSignal, nth: number) => Promise<T>,
  options: HedgeOptions,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const { secondAfterMs } = options;
  const ending = new AbortController();
  let started = 0;
  let running = 0;
  const start = () => {
    started += 1;
    running += 1;
    attempt(ending.signal, started).then(resolve, (error: unknown) => {
      running -= 1;
      if (started === 1 && secondAfterMs !== null && options.worthAnother(error)) start();
      else if (running === 0) reject(error);
    });
  };
  const startSecond = () => {
    if (started === 1) start();
  };
  const stopSecond = secondAfterMs === null ? null : afterAwake(secondAfterMs, startSecond);
  const stopLimit = afterAwake(options.limitMs, () => reject(new NoAnswer()));
  start();
  return promise.finally(() => {
    stopSecond?.();
    stopLimit();
    ending.abort(new NoAnswer());
  });
}
