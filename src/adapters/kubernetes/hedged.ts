/** Why an attempt of {@link hedged} was ended: nothing answered in time. */
export class NoAnswer extends Error {
  constructor() {
    super('no answer in time');
    this.name = 'TimeoutError';
  }
}

export interface HedgeOptions {
  /** Milliseconds after which a second attempt starts beside the first. */
  readonly secondAfterMs: number;
  /** Milliseconds after which both end. */
  readonly limitMs: number;
  /** Says of an attempt that failed early whether a second one may fare better (a connection that was just closed). */
  readonly worthAnother: (error: unknown) => boolean;
}

/**
 * Returns what the first of at most two attempts gives: one slow answer decides nothing. Only for reads, which may
 * happen twice.
 * @param attempt must end when its signal aborts; it is not waited for then. `nth`: 1 or 2.
 * @throws NoAnswer after `limitMs`; else what the last attempt threw
 */
export function hedged<T>(
  attempt: (signal: AbortSignal, nth: number) => Promise<T>,
  options: HedgeOptions,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const ending = new AbortController();
  let started = 0;
  let running = 0;
  const start = () => {
    started += 1;
    running += 1;
    attempt(ending.signal, started).then(resolve, (error: unknown) => {
      running -= 1;
      if (started === 1 && options.worthAnother(error)) start();
      else if (running === 0) reject(error);
    });
  };
  const second = setTimeout(() => {
    if (started === 1) start();
  }, options.secondAfterMs);
  const limit = setTimeout(() => reject(new NoAnswer()), options.limitMs);
  start();
  return promise.finally(() => {
    clearTimeout(second);
    clearTimeout(limit);
    ending.abort(new NoAnswer());
  });
}
