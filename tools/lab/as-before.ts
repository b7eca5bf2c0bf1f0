import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import { labPaths } from './paths.ts';
import { until } from './run.ts';
import { snapshot, type Snapshot } from './snapshot.ts';
import { readTopology } from './state.ts';

/**
 * Waits until a lab is as it was: what Calico's own programs and the supervisor put back, they put back when they come
 * to it.
 * @throws Error of Jest that shows the difference
 */
export async function isAsBefore(name: string, before: Snapshot): Promise<void> {
  const last: { seen: Snapshot } = { seen: {} };
  await until('the lab to be as before', 20, async () => {
    last.seen = await snapshot(readTopology(labPaths(name)));
    return isDeepStrictEqual(last.seen, before) ? true : null;
  }).catch(() => expect(last.seen).toEqual(before));
}
