/** What was posted where, in the store: it survives a process, and all workers share it. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RunStore } from '../model/runs.ts';

const told = z.object({
  channel: z.string(),
  ts: z.string(),
  /** ts of the parent; null: it is a parent. */
  thread: z.string().nullable(),
  /** Hash of what it says; empty: not known. */
  content: z.string(),
  /** It says how the run ended. Versions that did not note it are taken to have said it. */
  saysEnd: z.boolean().default(true),
});
export type Told = z.infer<typeof told>;

export interface MessageBook {
  told(run: string, part: string): Promise<Told | null>;
  remember(run: string, part: string, message: z.input<typeof told>): Promise<void>;
  /**
   * A message below which a run is told was deleted, and another parent is to begin its thread: once for a run. Safe
   * to call again for the same message: somebody may have ended half-way.
   * @param gone its ts @returns false where that was done for another message before
   */
  beginAnew(run: string, gone: string): Promise<boolean>;
  /** A post was begun whose end nobody knows. */
  wasTried(run: string, part: string): Promise<boolean>;
  tried(run: string, part: string): Promise<void>;
  /** The post is known not to have happened. */
  notTried(run: string, part: string): Promise<void>;
  /** The newest run that joined the thread of this one and has a verdict. */
  recheck(run: string): Promise<string | null>;
  rememberRecheck(run: string, later: string): Promise<void>;
  /** The runs that were told in the thread below this message, the last one last. */
  runsOf(channel: string, thread: string): Promise<readonly string[]>;
  rememberThread(channel: string, thread: string, run: string): Promise<void>;
  /** True for one caller within the time. The parent that begins a thread anew is another message. */
  claim(run: string, part: string, seconds: number): Promise<boolean>;
  /** One at a time edits a message. @returns what ends that; null: somebody else does, for so long at most */
  hold(run: string, part: string, seconds: number): Promise<(() => Promise<void>) | null>;
}

const keptSeconds = 30 * 86_400;
const mostOfThread = 30;

/** Earlier versions kept the id of the last one alone. */
function runsIn(kept: string | null): readonly string[] {
  if (kept === null) return [];
  return kept.startsWith('[') ? z.array(z.string()).parse(JSON.parse(kept)) : [kept];
}

export function createMessageBook(store: RunStore): MessageBook {
  return {
    async told(run, part) {
      const text = await store.recall(`told.${run}.${part}`);
      return text === null ? null : told.parse(JSON.parse(text));
    },
    remember: (run, part, message) => store.remember(`told.${run}.${part}`, JSON.stringify(message), keptSeconds),
    async beginAnew(run, gone) {
      if ((await store.keepFirst(`anew.${run}`, gone, keptSeconds)) !== gone) return false;
      const key = `told.${run}.parent`;
      const text = await store.recall(key);
      const parent = text === null ? null : told.parse(JSON.parse(text));
      // Another worker may have told the new one already.
      if (text !== null && (parent?.ts === gone || parent?.thread === gone)) await store.forget(key, text);
      return true;
    },
    wasTried: async (run, part) => (await store.recall(`tried.${run}.${part}`)) !== null,
    tried: (run, part) => store.remember(`tried.${run}.${part}`, 'yes', keptSeconds),
    notTried: async (run, part) => void (await store.forget(`tried.${run}.${part}`)),
    recheck: (run) => store.recall(`recheck.${run}`),
    async rememberRecheck(run, later) {
      // Ids of runs begin with their time: two that end together leave the later one.
      const known = await store.recall(`recheck.${run}`);
      if (known === null || known < later) await store.remember(`recheck.${run}`, later, keptSeconds);
    },
    runsOf: async (channel, thread) => runsIn(await store.recall(`thread.${channel}.${thread}`)),
    async rememberThread(channel, thread, run) {
      const key = `thread.${channel}.${thread}`;
      // Several workers tell runs of one thread at once: nobody's is lost.
      for (;;) {
        const known = await store.recall(key);
        const runs = runsIn(known).filter((one) => one !== run);
        const next = JSON.stringify([...runs, run].slice(-mostOfThread));
        if ((await store.keepFirst(key, next, keptSeconds, known ?? '')) === next) return;
      }
    },
    async claim(run, part, seconds) {
      const isNew = part === 'parent' && (await store.recall(`anew.${run}`)) !== null;
      return store.once(`claim.${run}.${isNew ? `${part}.anew` : part}`, seconds);
    },
    async hold(run, part, seconds) {
      const [key, mine] = [`held.${run}.${part}`, randomUUID()];
      if ((await store.keepFirst(key, mine, seconds)) !== mine) return null;
      return async () => void (await store.forget(key, mine));
    },
  };
}
