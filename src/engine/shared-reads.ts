import { canonicalJson } from '../model/canonical-json.ts';
import type { ApiAnswer, Clock, ClusterReader } from '../model/ports.ts';

/** Answers are shared for this long. A probe that reads a second time, to see a change, gets a new answer. */
const sharedMs = 1000;

interface Asked {
  readonly at: number;
  readonly answer: Promise<ApiAnswer<unknown>>;
}

/**
 * Returns a reader that asks the API server once if several probes of a run read the same at the same moment. A run
 * begins with dozens of reads, and the first finding waits for most of them. Failed reads are not shared.
 */
export function sharedReads(cluster: ClusterReader, clock: Pick<Clock, 'now'>): ClusterReader {
  const asked = new Map<string, Asked>();
  const once = <T>(question: object, ask: () => Promise<ApiAnswer<T>>): Promise<ApiAnswer<T>> => {
    const key = canonicalJson(question);
    const now = clock.now().getTime();
    const known = asked.get(key);
    if (known && now - known.at < sharedMs) return known.answer as Promise<ApiAnswer<T>>;
    const answer = kept(ask, () => asked.delete(key));
    asked.set(key, { at: now, answer });
    return answer;
  };
  return {
    read: (reference) => once({ read: reference }, () => cluster.read(reference)),
    list: (query) => once({ list: query }, () => cluster.list(query)),
    podLog: (query) => cluster.podLog(query),
    accessReview: (question) => cluster.accessReview(question),
  };
}

/** Asks, and forgets answers that say nothing about the cluster. "Not found" is an answer about the cluster. */
async function kept<T>(ask: () => Promise<ApiAnswer<T>>, forget: () => unknown): Promise<ApiAnswer<T>> {
  try {
    const answer = await ask();
    if (!answer.ok && answer.status !== 404) forget();
    return answer;
  } catch (error) {
    forget();
    throw error;
  }
}
