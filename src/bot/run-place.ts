import type { RunEvent } from '../model/runs.ts';
import type { MessageBook } from './message-book.ts';

/** Where the next message of a run goes. */
export interface RunPlace {
  readonly channel: string;
  /** ts of the parent; null: the message begins the thread. */
  readonly thread: string | null;
}

/**
 * The place of a run's messages: below its own parent, or in the thread that it joins.
 * @returns null for a run that is told nowhere (of the command line, or as a line of a storm), or not yet.
 * @throws Error while the thread to join is not there yet: try again later.
 */
export async function placeOf(run: string, events: readonly RunEvent[], book: MessageBook): Promise<RunPlace | null> {
  const origin = events.find((event) => event.type === 'started')?.origin;
  if (!origin) return null;
  const placed = events.find((event) => event.type === 'placed')?.where ?? null;
  if (origin.held !== undefined && placed === null) return null;
  // One line below the message that is its alert, where there is one.
  const { channel, thread } = origin;
  if (placed === 'storm') return thread === null || channel === null ? null : { channel, thread };
  const parent = await book.told(run, 'parent');
  if (parent) return { channel: parent.channel, thread: parent.thread ?? parent.ts };
  if (origin.joins !== null && placed !== 'channel') {
    const joined = await book.told(origin.joins, 'parent');
    if (joined) return { channel: joined.channel, thread: joined.thread ?? joined.ts };
    if (origin.thread === null) throw new Error(`the thread of ${origin.joins} is not there yet`);
  }
  return origin.channel === null ? null : { channel: origin.channel, thread: origin.thread };
}
