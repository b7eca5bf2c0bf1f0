/** Where runs and plans are kept: REDIS_URL, or the program's own redis-server over STATE_DIR. */
import { startOwnRedis } from './adapters/redis-server.ts';
import { createRunStore } from './adapters/run-store.ts';
import type { Config } from './config.ts';
import { ProgramError } from './errors.ts';
import type { RunStore } from './model/runs.ts';

export interface OpenStore {
  readonly store: RunStore;
  /** As REDIS_URL takes it. */
  readonly address: string;
  /** Ends our own redis-server when nobody else uses it; after everything else that uses it is closed. */
  close(): Promise<void>;
}

/** @throws ProgramError `store-unreachable` when there is no Redis to be had. */
export async function openStore(config: Config, log: (line: string) => void): Promise<OpenStore> {
  const own = config.REDIS_URL ? null : await startOwnRedis(config.STATE_DIR, log).catch((error: unknown) => {
    throw new ProgramError('store-unreachable', error instanceof Error ? error.message : String(error), { cause: error });
  });
  const address = own?.address ?? config.REDIS_URL ?? '';
  let told = false;
  const store = createRunStore({
    address,
    onError(error) {
      if (!told) log(`Redis: ${error.message}`);
      told = true;
    },
  });
  return {
    store,
    address,
    async close() {
      await store.close();
      await own?.close();
    },
  };
}

/** As openStore, for who would wait in vain: Redis has to answer now. */
export async function openAnsweringStore(config: Config, log: (line: string) => void): Promise<OpenStore> {
  const opened = await openStore(config, log);
  try {
    await opened.store.recall('answering');
    return opened;
  } catch (error) {
    await opened.close();
    throw new ProgramError('store-unreachable', `Redis does not answer: ${error instanceof Error ? error.message.replace(/ Refer to .*/s, '') : String(error)}`, { cause: error });
  }
}
