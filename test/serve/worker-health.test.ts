/** What a worker says of its clusters, of an hour that passes at once. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Clusters } from '../../src/compose-cluster.ts';
import { startWorkerHealth } from '../../src/compose-worker-health.ts';
import { programVersion } from '../../src/version.ts';
import { readWorkerHealth } from '../../src/model/worker-health.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('a cluster that cannot be checked is said, and the others are checked', async () => {
  const said = new Map<string, string>();
  const opened: string[] = [];
  const clusters = {
    way: () => ({ nodeTroubles: [], guard: null }),
    open: async (name: string) => {
      opened.push(name);
      throw new Error(`no way into ${name}`);
    },
  } as unknown as Clusters;
  const names = ['east', 'west'];
  const context = {
    clusters,
    config: { CLUSTERS: {}, clusters: names.map((name) => ({ name, channels: [], settings: {} })) },
    deps: {
      store: { remember: async (key: string, value: string) => void said.set(key, value) },
      clock: { now: () => new Date(0) },
      warn: () => undefined,
    },
    log: { warn: () => undefined },
  } as unknown as Parameters<typeof startWorkerHealth>[0];
  const stop = startWorkerHealth(context);
  await jest.advanceTimersByTimeAsync(5000);
  await stop();
  expect(opened).toEqual(names);
  for (const name of names)
    expect(readWorkerHealth(said.get(`worker-health.${name}`) ?? null)).toEqual({
      at: new Date(0).toISOString(),
      version: programVersion(),
      blind: [{ text: expect.stringMatching(`^${name}: check: .*no way into ${name}`), next: expect.any(String) }],
    });
});
