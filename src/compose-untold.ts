/** Looks every minute for what is stored and was not told, and for plans that nobody ends: a program may die. */
import { settles } from './adapters/settles.ts';
import type { ServeContext } from './compose-context.ts';
import { settleOverdue } from './plans/abandon-plan.ts';
import { tellUntold } from './plans/tell-untold.ts';
import { askUntold } from './runs/ask-untold.ts';

const everyMs = 60_000;
const endMs = 2000;

/** @returns what ends it */
export function startUntold({ config, deps }: Pick<ServeContext, 'config' | 'deps'>): () => Promise<void> {
  const names = config.clusters.map(({ name }) => name);
  const isOwn = (cluster: string) => names.includes(cluster);
  const seen = new Set<string>();
  let looking: Promise<void> | null = null;
  const look = async () => {
    try {
      await tellUntold(deps, seen, isOwn);
      await settleOverdue(deps, await deps.store.plans(), isOwn);
      await askUntold(deps);
    } catch (error) {
      deps.warn('what is not told yet was not looked for', error);
    }
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => void (looking = null));
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    // What it asks of Redis may never be answered; who looks next finds the same.
    if (looking !== null) await settles(looking, endMs);
  };
}
