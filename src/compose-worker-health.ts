/** Says in the store that a worker works, and what it cannot see of each cluster: people ask the bot. */
import { checkCluster, checkOpenings, isOpening } from './compose-cluster-check.ts';
import type { Clusters } from './compose-cluster.ts';
import type { ServeContext } from './compose-context.ts';
import type { ClusterConfig } from './config-clusters.ts';
import { describeError } from './errors.ts';
import { workerKeptSeconds, workerKeyOf, workerSaysMs, type WorkerHealth } from './model/worker-health.ts';
import { placed } from './setup/placed.ts';
import { programVersion } from './version.ts';
import { checkWords, limited, worstFirst, type Check } from './setup/check.ts';

/** Jobs that waited for the worker come first. */
const firstCheckMs = 5000;
/** It asks every node of the cluster. */
const checkEveryMs = 3_600_000;
/** It asks one node. */
const openingsEveryMs = 300_000;
const mostBlind = 8;

export interface WorkerHealthWatch {
  /** Asks now what the token of the bot opens. Returns at once. */
  readonly askOpenings: () => void;
  readonly stop: () => Promise<void>;
}

const unchecked = (error: unknown): Check =>
  limited('check', {
    text: `the cluster could not be checked: ${describeError(error).message}`,
    next: 'Run calico-chatops doctor',
  });

export function startWorkerHealth({
  clusters,
  config,
  deps,
  log,
}: Pick<ServeContext, 'config' | 'deps' | 'log'> & { readonly clusters: Clusters }): WorkerHealthWatch {
  const { store, clock, warn } = deps;
  const blind = new Map<string, WorkerHealth['blind']>();
  const last = new Map<string, readonly Check[]>();
  const part = (name: string, check: Check) =>
    config.CLUSTERS === undefined ? check : { ...check, part: `${name}: ${check.part}` };
  const version = programVersion();
  const say = () => {
    for (const { name } of config.clusters) {
      const health: WorkerHealth = { at: clock.now().toISOString(), version, blind: blind.get(name) ?? [] };
      store
        .remember(workerKeyOf(name), JSON.stringify(health), workerKeptSeconds)
        .catch((error: unknown) => warn('the worker could not say that it works', error));
    }
  };
  let isEnding = false;
  const learn = (name: string, found: readonly Check[]) => {
    // A check that was under way finds its connections closed.
    if (isEnding) return;
    last.set(name, found);
    const wrong = worstFirst(found).map((check) => part(name, check));
    const before = new Set(blind.get(name)?.map(({ text }) => text));
    for (const check of wrong.filter((one) => !before.has(`${one.part}: ${one.text}`)))
      log.warn(checkWords(placed(check, config.initFolder)));
    blind.set(
      name,
      wrong.slice(0, mostBlind).map(({ part: where, text, next }) => ({ text: `${where}: ${text}`, next: next ?? '' })),
    );
    say();
  };
  const check = (cluster: ClusterConfig) =>
    checkCluster(clusters, cluster).then(
      (found) => learn(cluster.name, found),
      (error: unknown) => {
        if (isEnding) return;
        warn(`the cluster ${cluster.name} could not be checked`, error);
        // What an earlier check found says nothing of now.
        learn(cluster.name, [unchecked(error)]);
      },
    );
  const askOpening = async (name: string) => {
    // The whole check tells what does not answer.
    const found = await checkOpenings(clusters, name).catch(() => []);
    const others = last.get(name)?.filter((check) => !isOpening(check)) ?? [];
    if (found.length > 0) learn(name, [...others, ...found]);
  };
  const askOpenings = () => {
    for (const { name } of config.clusters) void askOpening(name);
  };
  const checkAll = () => void Promise.all(config.clusters.map(check));
  for (const { name } of config.clusters) {
    learn(
      name,
      clusters.way(name).nodeTroubles.map((trouble) => limited('nodes', trouble)),
    );
  }
  const timers = [
    setInterval(say, workerSaysMs),
    setTimeout(checkAll, firstCheckMs),
    setInterval(checkAll, checkEveryMs),
    setInterval(askOpenings, openingsEveryMs),
  ];
  for (const timer of timers) timer.unref();
  return {
    askOpenings,
    async stop() {
      isEnding = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
