import { canonicalJson } from '../model/canonical-json.ts';
import type { ApiAnswer, Clock, ClusterReader } from '../model/ports.ts';

/** What was answered so long ago is asked again: probes that look a second time want to see what changed. */
const sharedMs = 1000;

interface Asked {
  readonly at: number;
  readonly answer: Promise<ApiAnswer<unknown>>;
}

/**
 * Returns a reader that asks the API server once for what several probes of one run read in the same moment: a run
 * begins with some dozens of reads, and the first finding waits for most of them. What was not answered is asked anew.
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

/** Asks, and forgets what says nothing of the cluster; that there is no such object does. */
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
