/** Something that a person looking at the workspace would see change. */
interface Change {
  kind: 'message' | 'view' | 'home' | 'file' | 'channel' | 'connection' | 'fault';
  channel?: string;
  user?: string;
  ts?: string;
}

/** The one stream of changes: the page, the control API and tests wait on it. */
export interface Changes {
  version(): number;
  announce(change: Change): void;
  /** Calls the listener at every change until the returned function is called. */
  subscribe(listener: (change: Change, version: number) => void): () => void;
  /** Resolves with the first truthy answer of `look`, asked now and after every change; rejects after `timeoutMs`. */
  until<T>(look: () => T | null | undefined | false, timeoutMs?: number, what?: string): Promise<T>;
}

/** Creates the stream of changes. */
export function createChanges(): Changes {
  const listeners = new Set<(change: Change, version: number) => void>();
  let version = 0;

  function subscribe(listener: (change: Change, version: number) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  return {
    version: () => version,
    announce(change) {
      version += 1;
      for (const listener of listeners) listener(change, version);
    },
    subscribe,
    until(look, timeoutMs = 5000, what = 'the awaited change') {
      return new Promise((resolve, reject) => {
        const unsubscribe = subscribe(ask);
        const timer = setTimeout(() => {
          unsubscribe();
          reject(new Error(`${what} did not come within ${timeoutMs} ms`));
        }, timeoutMs);
        ask();

        function ask(): void {
          try {
            const answer = look();
            if (!answer) return;
            resolve(answer);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
          clearTimeout(timer);
          unsubscribe();
        }
      });
    },
  };
}
