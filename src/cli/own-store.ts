import { StoreUnreachable, type CleanEvent, type RunStore } from '../model/runs.ts';

export interface OwnStore extends RunStore {
  /** Whether everything that was appended so far is in the shared store, so that a plan of it can be decided about. */
  isKept(): boolean;
}

/**
 * Returns the store of a run that a person at a terminal waits for: the run goes on without Redis. Its events are in
 * memory, and in the shared store as long as that takes them.
 * @param shared null: there is none
 */
export function createOwnStore(shared: RunStore | null, warn: (what: string, error: unknown) => void): OwnStore {
  const runs = new Map<string, CleanEvent[]>();
  let isKept = shared !== null;
  const needed = (): RunStore => {
    if (!shared) throw new StoreUnreachable('there is no Redis');
    return shared;
  };
  return {
    isKept: () => isKept,
    async append(run, event) {
      const events = runs.get(run) ?? [];
      runs.set(run, events);
      events.push(event);
      if (shared && isKept) {
        await shared.append(run, event).catch((error: unknown) => {
          isKept = false;
          warn('the run is no longer kept', error);
        });
      }
      return events.length;
    },
    events: async (run) => runs.get(run) ?? [],
    savePlan: async (record) => needed().savePlan(record),
    plan: async (id) => needed().plan(id),
    plans: async () => needed().plans(),
    runs: async (most) => needed().runs(most),
    transition: async (id, from, change) => needed().transition(id, from, change),
    once: async (key, seconds) => needed().once(key, seconds),
    keepFirst: async (key, value, seconds, gone) => needed().keepFirst(key, value, seconds, gone),
    untoldMark: async (run) => needed().untoldMark(run),
    markTold: async (run, mark) => needed().markTold(run, mark),
    untold: async (olderThanMs, most) => needed().untold(olderThanMs, most),
    takeToken: async (key, bucket) => needed().takeToken(key, bucket),
    remember: async (key, value, seconds) => (isKept ? shared?.remember(key, value, seconds) : undefined),
    recall: async (key) => (isKept && shared ? shared.recall(key) : null),
    forget: async (key, only) => (isKept && shared ? shared.forget(key, only) : false),
    // The caller that opened the shared store closes it.
    close: async () => undefined,
  };
}
