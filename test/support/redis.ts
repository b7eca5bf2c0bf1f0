import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwnRedis } from '../../src/adapters/redis-server.ts';

/** A redis-server of this test file's own, in a folder that goes with it. */
export async function startTestRedis(): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-redis-'));
  const redis = await startOwnRedis(folder, () => undefined);
  return {
    address: redis.address,
    async stop() {
      await redis.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
