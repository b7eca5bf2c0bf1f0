/** Alerts that name nothing to diagnose are said, so that nobody waits for a diagnosis. */
import { createHash, randomUUID } from 'node:crypto';
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
/** Of those that stand below the post of the alert itself, where they disturb nobody. */
const repliesOf = { holds: 10, everyMs: 6000 } as const;
/** Of a place. Others are said with their next delivery. */
const mostWaiting = 1000;
const mostPlaces = 1000;
const retryMs = 60_000;
/** Longer than a post may take: then another process may say what this one did not. */
const turnSeconds = 30;

interface Place {
  readonly channel: string;
  /** ts of the alert's own message; null: it has none. */
  readonly thread: string | null;
}
type Unmapped = UnmappedShown & Place & { readonly id: string };

const placeKey = ({ channel, thread }: Place) => `${channel} ${thread ?? ''}`;

/**
 * Returns what says each alert once, all of a delivery in one message.
 * It throws ThreadError when they could not be said: Alertmanager delivers again.
 */
export function createUnmappedTeller(deps: UnmappedDeps): (received: readonly Received[]) => Promise<void> {
  const later = deps.later ?? ((ms, act) => void setTimeout(act, ms).unref());
  /** By place, then by id. A place that is here has a call to come. */
  const waiting = new Map<string, Map<string, Unmapped>>();
  const turns = new Map<string, Promise<number>>();
  const me = randomUUID();

  /** One at a time in a place: several Alertmanagers deliver the same alert at once. */
  const tellInTurn = async (place: Place, own: readonly Unmapped[]) => {
    const key = placeKey(place);
    const before = turns.get(key)?.catch(() => 0) ?? Promise.resolve(0);
    const mine = before.then(() => tellIn(deps, me, place, own));
    turns.set(key, mine);
    try {
      return await mine;
    } finally {
      if (turns.get(key) === mine) turns.delete(key);
    }
  };
  const wait = (place: Place, unmapped: readonly Unmapped[], ms: number) => {
    const key = placeKey(place);
    if (!waiting.has(key) && waiting.size >= mostPlaces)
      return deps.warn(`alerts that cannot be diagnosed are not told in ${place.channel}: too many wait`, undefined);
    const own = waiting.get(key) ?? new Map<string, Unmapped>();
    for (const one of unmapped) if (own.size < mostWaiting) own.set(one.id, one);
    if (!waiting.has(key)) later(ms, () => void tellWaiting(place));
    waiting.set(key, own);
  };
  const tellWaiting = async (place: Place) => {
    const own = [...(waiting.get(placeKey(place))?.values() ?? [])];
    waiting.delete(placeKey(place));
    try {
      const ms = await tellInTurn(place, own);
      if (ms > 0) wait(place, own, ms);
    } catch (error) {
      deps.warn(`alerts that cannot be diagnosed could not be told in ${place.channel}`, error);
      // What Slack refuses it refuses again. Alertmanager delivers alerts that go on firing.
      if (!(error instanceof ThreadError) || error.trouble !== 'refused') wait(place, own, retryMs);
    }
  };

  return async (received) => {
    const unmapped = received.flatMap((one): readonly Unmapped[] =>
      'unmapped' in one && one.unmapped
        ? [{ alert: one.alert, why: one.ignored, ...one.unmapped, thread: one.unmapped.thread ?? null }]
        : [],
    );
    for (const [place, ...more] of Map.groupBy(unmapped, placeKey).values()) {
      if (!place) continue;
      const own = [place, ...more];
      const ms = await tellInTurn(place, own);
      if (ms > 0) wait(place, own, ms);
    }
  };
}

/**
 * What was told, and what a process that ended may have told, is in the store: a restart repeats nothing.
 * @returns 0, or the milliseconds until there may be a message again
 */
async function tellIn(
  deps: UnmappedDeps,
  me: string,
  { channel, thread }: Place,
  unmapped: readonly Unmapped[],
): Promise<number> {
  const { store } = deps;
  const known = await Promise.all(unmapped.map(({ id }) => store.recall(keys.told(id))));
  const untold = unmapped.filter((_one, index) => known[index] === null);
  const holders = await Promise.all(untold.map(({ id }) => store.keepFirst(keys.turn(id), me, turnSeconds)));
  const mine = untold.filter((_one, index) => holders[index] === me);
  // Another process has the turn of the others. When it ends, they are told already, or nobody tells them.
  const othersMs = mine.length < untold.length ? turnSeconds * 1000 : 0;
  try {
    const fresh = await withoutFound(deps, { channel, thread }, mine);
    if (fresh.length === 0) return othersMs;
    const ms = await (thread === null
      ? store.takeToken(`unmapped.${channel}`, messagesOf)
      : store.takeToken(`unmapped-below.${channel}`, repliesOf));
    if (ms === 0) await post(deps, { channel, thread }, fresh);
    return Math.max(ms, othersMs);
  } finally {
    await Promise.all(mine.map(({ id }) => store.forget(keys.turn(id), me)));
  }
}

const keys = {
  told: (id: string) => `unmapped.${id}`,
  /** The key of the message with which somebody began to tell it. */
  tried: (id: string) => `unmapped-tried.${id}`,
  turn: (id: string) => `unmapped-turn.${id}`,
} as const;

/** Without those whose message is there already, though nobody noted it. */
async function withoutFound(
  { store, thread: threads }: UnmappedDeps,
  place: Place,
  unmapped: readonly Unmapped[],
): Promise<readonly Unmapped[]> {
  const tried = await Promise.all(unmapped.map(({ id }) => store.recall(keys.tried(id))));
  const there = new Set<string>();
  for (const key of new Set(tried)) if (key !== null && (await threads.find({ ...place, key }))) there.add(key);
  const isThere = (index: number) => there.has(tried[index] ?? '');
  await noteTold(
    store,
    unmapped.filter((_one, index) => isThere(index)),
  );
  return unmapped.filter((_one, index) => !isThere(index));
}

async function post(
  { store, thread: threads }: UnmappedDeps,
  place: Place,
  unmapped: readonly Unmapped[],
): Promise<void> {
  const ids = unmapped.map(({ id }) => id);
  const key = `unmapped/${createHash('sha256').update(ids.join(' ')).digest('hex').slice(0, 24)}`;
  const message = { ...place, key, content: unmappedMessage(unmapped) };
  await Promise.all(ids.map((id) => store.remember(keys.tried(id), key, oneDaySeconds)));
  try {
    await threads.post(message);
  } catch (error) {
    const isLost = error instanceof ThreadError && error.trouble === 'unknown';
    if (!isLost) await Promise.all(ids.map((id) => store.forget(keys.tried(id))));
    if (!isLost || (await threads.find(message)) === null) throw error;
  }
  await noteTold(store, unmapped);
}

async function noteTold(store: RunStore, unmapped: readonly Unmapped[]): Promise<void> {
  await Promise.all(unmapped.map(({ id }) => store.remember(keys.told(id), 'told', oneDaySeconds)));
}
