import type { RunStore } from '../model/runs.ts';
import type { MessageLinks } from '../model/thread.ts';
import { createMessageBook } from './message-book.ts';

export interface LinkDeps {
  readonly store: RunStore;
  readonly links: MessageLinks;
}

/** Returns the addresses of the messages that tell these runs; a run without one is not in it. */
export async function threadLinks(
  { store, links }: LinkDeps,
  runs: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const book = createMessageBook(store);
  const found = await Promise.all(
    [...new Set(runs)].map(async (run) => {
      const place = await book.told(run, 'parent');
      const link = place && (await links(place));
      return link ? ([run, link] as const) : null;
    }),
  );
  return new Map(found.filter((one) => one !== null));
}
