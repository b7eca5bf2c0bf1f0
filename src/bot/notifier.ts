/**
 * Makes the thread of a run what its events say. Not a send but a reconcile: what the thread should hold follows from
 * the events; what it holds is remembered in the store and, where an answer was lost, found by the messages' metadata.
 * So a retry, a restart or a second worker neither duplicates nor loses a message.
 */
import { createHash } from 'node:crypto';
import { lockedOutMs } from '../model/job-catalogue.ts';
import type { Clock } from '../model/ports.ts';
import { endOf } from '../model/run-life.ts';
import type { RunEvent, RunStore } from '../model/runs.ts';
import type { Seals } from '../model/seal.ts';
import type { Target } from '../model/target.ts';
import { ThreadError, type KeyedMessage, type Thread } from '../model/thread.ts';
import { answerForms, inTurn } from './older-forms.ts';
import { createMessageBook, type Told } from './message-book.ts';
import { withGenuinePlans } from './genuine-plans.ts';
import { placeOf, type RunPlace } from './run-place.ts';
import { flowWords } from './thread-runs.ts';
import type { LaterLook } from './render/run-state.ts';
import { runMessages, type RunMessage } from './render/run-messages.ts';

export interface NotifierDeps {
  readonly store: RunStore;
  /** Only plans that carry this seal get a button. */
  readonly seals: Seals;
  readonly thread: Thread;
  readonly clock: Clock;
  readonly warn: (what: string, error: unknown) => void;
}

/** Between two edits of one message: what settles meanwhile goes into the next. */
const editEveryMs = 1000;
/** Meanwhile the events are looked at so often: a verdict does not wait behind a step's line. */
const lookEveryMs = 150;

/** What is to be done next, or when it may be. */
type Due =
  | { readonly act: 'post'; readonly message: DueMessage; readonly place: RunPlace }
  | { readonly act: 'edit'; readonly message: DueMessage; readonly told: Told; readonly hasFinding: boolean }
  | { readonly act: 'wait'; readonly milliseconds: number };

/** `saysEnd`: it says how the run ended. */
type DueMessage = RunMessage & { readonly saysEnd: boolean };

/**
 * Safe to call twice, and in several processes at once. Rejects when something is left to do: call again later. With
 * ThreadError `locked-out` it waits for a renewed token, which may take hours.
 */
export function createNotifier(deps: NotifierDeps): (run: string, signal: AbortSignal) => Promise<void> {
  const { store, seals, thread, clock } = deps;
  const book = createMessageBook(store);
  const edited = new Map<string, number>();
  const claims = new Map<string, number>();
  const working = new Map<string, Promise<void>>();
  /** What Slack said of the token, and until when it is not asked again; null: it accepts it. */
  let lockedOut: { readonly error: ThreadError; readonly until: number } | null = null;
  /** When the first finding of a run was told. */
  const found = new Map<string, number>();

  async function due(run: string): Promise<Due | null> {
    const events = withGenuinePlans(run, await store.events(run), seals);
    const place = await placeOf(run, events, book);
    if (!place) return null;
    let edit: { readonly message: DueMessage; readonly told: Told; readonly waitMs: number } | null = null;
    const saysEnd = endOf(events) !== null;
    for (const one of runMessages(run, events, await recheckOf(run), clock.now())) {
      const message = { ...one, saysEnd };
      const told = await book.told(run, message.part);
      if (!told) return { act: 'post', message, place };
      if (told.content === hashOf(message)) continue;
      const waitMs = urgent(message, events, found.has(run))
        ? 0
        : Math.max(0, (edited.get(keyOf(run, message)) ?? 0) + editEveryMs - clock.now().getTime());
      if (!edit || waitMs < edit.waitMs) edit = { message, told, waitMs };
    }
    if (!edit) return null;
    return edit.waitMs > 0
      ? { act: 'wait', milliseconds: edit.waitMs }
      : { act: 'edit', message: edit.message, told: edit.told, hasFinding: tellsFinding(edit.message, events) };
  }

  /** What the last re-check of a run said. */
  async function recheckOf(run: string): Promise<LaterLook | null> {
    const later = await book.recheck(run);
    const event = later === null ? undefined : (await store.events(later)).findLast(({ type }) => type === 'verdict');
    return event?.type === 'verdict' ? { verdict: event.verdict, at: event.at } : null;
  }

  /** A run that joins the thread of another one has news for that one's parent, too. */
  async function withJoined(run: string, signal: AbortSignal): Promise<void> {
    await reconcile(run, signal);
    const events = await store.events(run);
    const started = startOf(events);
    const joins = started?.origin.joins ?? null;
    // Another target, or the same one from elsewhere or on another port, is no news of the first flow.
    if (joins !== null && !isSameFlow(started?.target, startOf(await store.events(joins))?.target)) return;
    if (joins === null || joins === run || !events.some(({ type }) => type === 'verdict')) return;
    await book.rememberRecheck(joins, run);
    await reconcile(joins, signal);
  }

  async function reconcile(run: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const first = await due(run);
      if (!first) return;
      if (first.act === 'wait') {
        await clock.sleep(Math.min(first.milliseconds, lookEveryMs), signal);
        continue;
      }
      if (lockedOut && clock.now().getTime() < lockedOut.until) throw lockedOut.error;
      await thread.pace(first.act, first.act === 'post' ? first.place.channel : first.told.channel, signal);
      // What was due before the wait may have been overtaken.
      const now = await due(run);
      try {
        if (now?.act === 'post') await post(run, now.message, now.place, signal);
        else if (now?.act === 'edit') {
          if (!(await editAlone(run, now.message, now.told))) await clock.sleep(lookEveryMs, signal);
          else if (now.hasFinding) found.set(run, clock.now().getTime());
        }
        lockedOut = null;
      } catch (error) {
        if (!(error instanceof ThreadError) || error.trouble !== 'locked-out') throw error;
        if (!lockedOut) deps.warn('Slack does not accept SLACK_BOT_TOKEN: threads wait for a renewed one', error);
        lockedOut = { error, until: clock.now().getTime() + lockedOutMs / 2 };
        throw error;
      }
    }
  }

  async function post(run: string, message: DueMessage, place: RunPlace, signal: AbortSignal): Promise<void> {
    const keyed: KeyedMessage = {
      channel: place.channel,
      thread: place.thread,
      key: keyOf(run, message),
      content: message.content,
    };
    const mine = await claim(run, message.part);
    if (await wasFound(run, message, keyed)) return;
    if (!mine) {
      await whileAnotherPosts(run, message.part, signal);
      if (await book.told(run, message.part)) return;
      if (!(await claim(run, message.part))) throw new Error(`${keyed.key} is being posted by another worker`);
      if (await wasFound(run, message, keyed)) return;
    }
    await book.tried(run, message.part);
    try {
      const posted = await somehow(keyed, (simpler) => thread.post(simpler));
      edited.set(keyed.key, clock.now().getTime());
      const isOrphan = place.thread !== null && posted.thread === null && message.part !== 'parent';
      if (isOrphan && (await beginAnew(run, place.thread ?? ''))) {
        await thread.remove(posted);
        return await book.notTried(run, message.part);
      }
      await book.remember(run, message.part, { ...posted, content: hashOf(message), saysEnd: message.saysEnd });
      if (message.part === 'parent') await book.rememberThread(posted.channel, posted.thread ?? posted.ts, run);
    } catch (error) {
      if (!(error instanceof ThreadError)) throw error;
      if (error.trouble === 'limited') await book.notTried(run, message.part);
      else if (error.trouble !== 'unknown') {
        await book.notTried(run, message.part);
        throw error;
      }
    }
  }

  /** The parent of the run was deleted: another one begins its thread, once. @param gone ts of what was deleted */
  async function beginAnew(run: string, gone: string): Promise<boolean> {
    if (!(await book.beginAnew(run, gone))) return false;
    claims.delete(`${run}/parent`);
    return true;
  }

  /** Looks for a message whose post was begun, and whose end nobody told. How it reads is unknown: an edit follows. */
  async function wasFound(run: string, { part }: DueMessage, keyed: KeyedMessage): Promise<boolean> {
    const before = (await book.wasTried(run, part)) ? await thread.find(keyed) : null;
    if (!before) return false;
    await book.remember(run, part, { ...before, content: '', saysEnd: false });
    if (part === 'parent') await book.rememberThread(before.channel, before.thread ?? before.ts, run);
    return true;
  }

  /** Returns when a message is told, or when the claim of who does it has ended: it may have died. */
  async function whileAnotherPosts(run: string, part: string, signal: AbortSignal): Promise<void> {
    const until = clock.now().getTime() + claimSeconds * 1000;
    while (clock.now().getTime() < until && !(await book.told(run, part))) {
      if (await claim(run, part)) return;
      await clock.sleep(2 * lookEveryMs, signal);
    }
  }

  /** What Slack refuses as it is still arrives in older blocks, or else as text: it cannot hold up the rest. */
  function somehow<T>(keyed: KeyedMessage, act: (message: KeyedMessage) => Promise<T>): Promise<T> {
    return inTurn(
      answerForms(keyed.content),
      (content) => act({ ...keyed, content }),
      (error) => deps.warn(`the message ${keyed.key} was refused`, error),
    );
  }

  /** One worker posts a message; when it dies, another may after a while. */
  async function claim(run: string, part: string): Promise<boolean> {
    const key = `${run}/${part}`;
    if ((claims.get(key) ?? 0) > clock.now().getTime()) return true;
    const mine = await book.claim(run, part, claimSeconds);
    if (mine) claims.set(key, clock.now().getTime() + claimSeconds * 1000);
    return mine;
  }

  /** Of two edits on their way, the older one could arrive last. @returns false while another worker edits */
  async function editAlone(run: string, message: DueMessage, told: Told): Promise<boolean> {
    const release = await book.hold(run, message.part, claimSeconds);
    if (!release) return false;
    try {
      const now = await book.told(run, message.part);
      // Who held it before may have said something newer.
      if (now?.ts === told.ts && now.content === told.content) await edit(run, message, told);
      return true;
    } finally {
      await release();
    }
  }

  async function edit(run: string, message: DueMessage, told: Told): Promise<void> {
    const key = keyOf(run, message);
    edited.set(key, clock.now().getTime());
    try {
      const keyed = { channel: told.channel, thread: told.thread, key, content: message.content };
      await somehow(keyed, (simpler) => thread.edit(told, simpler));
    } catch (error) {
      if (!(error instanceof ThreadError)) throw error;
      // An edit may be made twice.
      if (error.trouble === 'limited' || error.trouble === 'unknown') return;
      if (error.trouble === 'locked-out') throw error;
      // A message that somebody deleted stays so, unless people still wait for what it was to say.
      const isAwaited = message.part === 'parent' && message.saysEnd && !told.saysEnd;
      if (error.trouble === 'gone' && isAwaited && (await beginAnew(run, told.ts))) return;
      deps.warn(`the message ${key} could not be edited`, error);
    }
    await book.remember(run, message.part, { ...told, content: hashOf(message), saysEnd: message.saysEnd });
  }

  return async (run, signal) => {
    // In one process a run is told by one at a time; who comes meanwhile looks afterwards.
    const before = working.get(run) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => withJoined(run, signal));
    working.set(run, mine);
    try {
      await mine;
    } finally {
      if (working.get(run) === mine) working.delete(run);
      for (const memory of [edited, claims, found])
        for (const [key, at] of memory) if (at < clock.now().getTime() - 60_000) memory.delete(key);
    }
  };
}

function startOf(events: readonly RunEvent[]) {
  return events.find((event) => event.type === 'started');
}

function isSameFlow(one: Target | undefined, other: Target | undefined): boolean {
  return one !== undefined && other !== undefined && flowWords(one) === flowWords(other);
}

/** People wait for the first finding and for the verdict. */
function urgent(message: RunMessage, events: readonly RunEvent[], hasToldFinding: boolean): boolean {
  if (message.part === 'parent' && events.some(({ type }) => type === 'verdict')) return true;
  return !hasToldFinding && tellsFinding(message, events);
}

function tellsFinding({ part }: RunMessage, events: readonly RunEvent[]): boolean {
  return part === 'parent' && events.some(({ type }) => type === 'finding');
}

/** Longer than a post or an edit may take. */
const claimSeconds = 20;

function keyOf(run: string, { part }: RunMessage): string {
  return `${run}/${part}`;
}

function hashOf({ content }: RunMessage): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 24);
}
