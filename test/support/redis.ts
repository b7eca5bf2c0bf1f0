import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { startOwnRedis } from '../../src/adapters/redis-server.ts';
import { until } from '../../tools/lab/run.ts';
import type { RunStore } from '../../src/model/runs.ts';

/** A redis-server of this test file's own, in a folder that goes with it. */
export async function startTestRedis(): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-redis-'));
  const redis = await startOwnRedis(folder, () => undefined);
  return {
    address: redis.address,
    async stop() {
      // On a busy machine the server may take long to see that the connections of a test have ended.
      await until('the redis-server of the test to end', 30, async () => {
        await redis.close();
        return existsSync(redis.address.slice('unix:'.length)) ? null : true;
      });
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** A store of runs in a Redis of its own. An error of the connection fails the test. */
export async function startTestStore(): Promise<{
  readonly address: string;
  readonly store: RunStore;
  stop(): Promise<void>;
}> {
  const redis = await startTestRedis();
  const store = createRunStore({
    address: redis.address,
    onError: (error) => {
      throw error;
    },
  });
  return {
    address: redis.address,
    store,
    async stop() {
      await store.close();
      await redis.stop();
    },
  };
}
