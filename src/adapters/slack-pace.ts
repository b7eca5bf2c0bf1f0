/** The pace that Slack asks for, kept a channel and method, so that a limited one delays only itself. */
import type { Clock } from '../model/ports.ts';

interface Bucket {
  tokens: number;
  at: number;
}

export interface PaceOptions {
  /** Calls that may be made at once after a silence. */
  readonly burst: number;
  readonly everyMs: number;
}

export interface SlackPace {
  /** Resolves when a call of this key may be made. Callers of one key are served in their order. */
  take(key: string, options: PaceOptions, signal: AbortSignal): Promise<void>;
  /** Slack said how long this key has to wait. */
  holdBack(key: string, milliseconds: number): void;
}

export function createSlackPace(clock: Clock): SlackPace {
  const buckets = new Map<string, Bucket>();
  const heldUntil = new Map<string, number>();
  const queues = new Map<string, Promise<void>>();
  const now = () => clock.now().getTime();

  async function wait(key: string, { burst, everyMs }: PaceOptions, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const bucket = buckets.get(key) ?? { tokens: burst, at: now() };
      bucket.tokens = Math.min(burst, bucket.tokens + (now() - bucket.at) / everyMs);
      bucket.at = now();
      buckets.set(key, bucket);
      const waitMs = Math.max((heldUntil.get(key) ?? 0) - now(), (1 - bucket.tokens) * everyMs);
      if (waitMs <= 0) {
        bucket.tokens -= 1;
        return;
      }
      await clock.sleep(Math.ceil(waitMs), signal);
    }
  }

  return {
    take(key, options, signal) {
      const turn = (queues.get(key) ?? Promise.resolve()).then(() => wait(key, options, signal));
      queues.set(
        key,
        turn.catch(() => undefined),
      );
      return turn;
    },
    holdBack(key, milliseconds) {
      heldUntil.set(key, Math.max(heldUntil.get(key) ?? 0, now() + milliseconds));
    },
  };
}
