/** Alerts that name nothing to diagnose are said, so that nobody waits for a diagnosis. */
import { createHash } from 'node:crypto';
import type { RunStore } from '../model/runs.ts';
import { ThreadError, type Thread } from '../model/thread.ts';
import type { Received } from '../runs/surface.ts';
import { unmappedMessage, type UnmappedShown } from './render/alert-message.ts';

export interface UnmappedDeps {
  readonly store: RunStore;
  readonly thread: Thread;
  readonly warn: (what: string, error: unknown) => void;
  /** Calls back once, some milliseconds later, if this process still runs; not given: a timer. */
  readonly later?: (ms: number, act: () => void) => void;
}

const oneDaySeconds = 86_400;
/** Messages about such alerts in a channel. Those above it are said together, as soon as there is one again. */
const messagesOf = { holds: 3, everyMs: 60_000 } as const;
/** Of a channel. Others are said with their next delivery, as those are whose process ended. */
const mostWaiting = 1000;
const retryMs = 60_000;

type Unmapped = UnmappedShown & { readonly id: string; readonly channel: string };

/**
 * Returns what says each alert once, all of a delivery in one message.
 * It throws ThreadError when they could not be said: Alertmanager delivers again.
 */
export function createUnmappedTeller(deps: UnmappedDeps): (received: readonly Received[]) => Promise<void> {
  const later = deps.later ?? ((ms, act) => void setTimeout(act, ms).unref());
  /** By channel, then by id. A channel that is here has a call to come. */
  const waiting = new Map<string, Map<string, Unmapped>>();
  const turns = new Map<string, Promise<number>>();

  /** One at a time in a channel: several Alertmanagers deliver the same alert at once. */
  const tellInTurn = (channel: string, own: readonly Unmapped[]) => {
    const before = turns.get(channel)?.catch(() => 0) ?? Promise.resolve(0);
    const mine = before.then(() => tellIn(deps, channel, own));
    turns.set(channel, mine);
    return mine;
  };
  const wait = (channel: string, unmapped: readonly Unmapped[], ms: number) => {
    const own = waiting.get(channel) ?? new Map<string, Unmapped>();
    for (const one of unmapped) if (own.size < mostWaiting) own.set(one.id, one);
    if (!waiting.has(channel)) later(ms, () => void tellWaiting(channel));
    waiting.set(channel, own);
  };
  const tellWaiting = async (channel: string) => {
    const own = [...(waiting.get(channel)?.values() ?? [])];
    waiting.delete(channel);
    try {
      const ms = await tellInTurn(channel, own);
      if (ms > 0) wait(channel, own, ms);
    } catch (error) {
      deps.warn(`alerts that cannot be diagnosed could not be told in ${channel}`, error);
      // What Slack refuses it refuses again. Alertmanager delivers alerts that go on firing.
      if (!(error instanceof ThreadError) || error.trouble !== 'refused') wait(channel, own, retryMs);
    }
  };

  return async (received) => {
    const unmapped = received.flatMap((one): readonly Unmapped[] =>
      'unmapped' in one && one.unmapped ? [{ alert: one.alert, why: one.ignored, ...one.unmapped }] : [],
    );
    for (const [channel, own] of Map.groupBy(unmapped, (one) => one.channel)) {
      const ms = await tellInTurn(channel, own);
      if (ms > 0) wait(channel, own, ms);
    }
  };
}

/** @returns 0, or the milliseconds until there may be a message again */
async function tellIn(
  { store, thread }: UnmappedDeps,
  channel: string,
  unmapped: readonly Unmapped[],
): Promise<number> {
  const known = await Promise.all(unmapped.map(({ id }) => store.recall(`unmapped.${id}`)));
  const fresh = unmapped.filter((_one, index) => known[index] === null);
  if (fresh.length === 0) return 0;
  const ms = await store.takeToken(`unmapped.${channel}`, messagesOf);
  if (ms > 0) return ms;
  const ids = fresh.map(({ id }) => id);
  const key = `unmapped/${createHash('sha256').update(ids.join(' ')).digest('hex').slice(0, 24)}`;
  const message = { channel, thread: null, key, content: unmappedMessage(fresh) };
  try {
    await thread.post(message);
  } catch (error) {
    const isLost = error instanceof ThreadError && error.trouble === 'unknown';
    if (!isLost || (await thread.find(message)) === null) throw error;
  }
  await Promise.all(ids.map((id) => store.remember(`unmapped.${id}`, 'told', oneDaySeconds)));
  return 0;
}
