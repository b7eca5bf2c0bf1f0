import { StoreUnreachable, type CleanEvent, type RunStore } from '../model/runs.ts';

export interface OwnStore extends RunStore {
  /** Whether everything that was appended so far is in the shared store, so that a plan of it can be decided about. */
  isKept(): Promise<boolean>;
}

/**
 * Returns the store of a run that a person at a terminal waits for: the run goes on without Redis. Its events are in
 * memory, and in the shared store as long as that takes them. Until that is open, no event waits for it.
 * @param opening null: there is none
 */
export function createOwnStore(
  opening: Promise<RunStore | null>,
  warn: (what: string, error: unknown) => void,
): OwnStore {
  const runs = new Map<string, CleanEvent[]>();
  let shared: RunStore | null = null;
  let [isOpen, isKept] = [false, false];
  // One after the other: in the order in which they happened.
  let written = open();
  async function open(): Promise<void> {
    shared = await opening;
    [isOpen, isKept] = [true, shared !== null];
  }
  const keep = async (run: string, event: CleanEvent) => {
    if (!shared || !isKept) return;
    await shared.append(run, event).catch((error: unknown) => {
      isKept = false;
      warn('the run is no longer kept', error);
    });
  };
  const kept = async (): Promise<RunStore | null> => {
    await written;
    return isKept ? shared : null;
  };
  const needed = async (): Promise<RunStore> => {
    await opening;
    if (!shared) throw new StoreUnreachable('there is no Redis');
    return shared;
  };
  return {
    isKept: async () => (await kept()) !== null,
    async append(run, event) {
      const events = runs.get(run) ?? [];
      runs.set(run, events);
      events.push(event);
      written = written.then(() => keep(run, event));
      if (isOpen) await written;
      return events.length;
    },
    events: async (run) => runs.get(run) ?? [],
    savePlan: async (record) => (await needed()).savePlan(record),
    plan: async (id) => (await needed()).plan(id),
    plans: async () => (await needed()).plans(),
    runs: async (most) => (await needed()).runs(most),
    transition: async (id, from, change) => (await needed()).transition(id, from, change),
    once: async (key, seconds) => (await needed()).once(key, seconds),
    keepFirst: async (key, value, seconds, gone) => (await needed()).keepFirst(key, value, seconds, gone),
    untoldMark: async (run) => (await needed()).untoldMark(run),
    markTold: async (run, mark) => (await needed()).markTold(run, mark),
    untold: async (olderThanMs, most) => (await needed()).untold(olderThanMs, most),
    takeToken: async (key, bucket) => (await needed()).takeToken(key, bucket),
    remember: async (key, value, seconds) => (await kept())?.remember(key, value, seconds),
    recall: async (key) => (await kept())?.recall(key) ?? null,
    forget: async (key, only) => (await kept())?.forget(key, only) ?? false,
    // The caller that opened the shared store closes it.
    close: async () => undefined,
  };
}
