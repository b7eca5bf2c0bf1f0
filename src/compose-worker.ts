/** The worker: takes jobs off the queues, looks at the cluster, applies fixes, and keeps threads up to date. */
import { createApprovalLedger } from './adapters/approval-ledger.ts';
import { startJobWorkers } from './adapters/queue-workers.ts';
import { createSlackClient } from './adapters/slack-client.ts';
import { createUserGroups, createWhisper } from './adapters/slack-people.ts';
import { createSlackThread } from './adapters/slack-thread.ts';
import { permissionNow } from './bot/authorise.ts';
import { createNotifier } from './bot/notifier.ts';
import { createWorkerAnswers } from './bot/worker-answers.ts';
import { connectClusters, type Clusters } from './compose-cluster.ts';
import type { ServeContext } from './compose-context.ts';
import { fixes } from './fixes/registry.ts';
import { workerKeptSeconds, workerKey, workerSaysMs, type WorkerHealth } from './model/worker-health.ts';
import { parseQuietHours } from './model/attention.ts';
import { missingTarget } from './runs/missing-target.ts';
import { readNode } from './runs/read-node.ts';
import { readPolicies } from './runs/read-policies.ts';
import { resumePlans } from './plans/resume-plans.ts';
import { jobHandlers } from './jobs/worker.ts';
import { checkWords, limited } from './setup/check.ts';
import { computed } from './computed/registry.ts';
import type { ClusterAccess } from './model/cluster-access.ts';
import { probes } from './probes/registry.ts';
import { rules } from './rules/registry.ts';

/** How long running jobs may go on after the program was told to end. */
export const graceMs = 15_000;

export async function startWorker({ config, deps, address, onError, closings, log }: ServeContext): Promise<void> {
  await resumePlans(deps);
  const clusters = await connectClusters(config);
  closings.push(() => clusters.close());
  for (const trouble of clusters.nodeTroubles) log.error(checkWords(limited('nodes', trouble)));
  const client = createSlackClient({ token: config.SLACK_BOT_TOKEN ?? '', apiUrl: config.SLACK_API_URL ?? null });
  const thread = createSlackThread({ client, clock: deps.clock });
  const notify = createNotifier({ ...deps, thread });
  const groups = createUserGroups({ client, clock: deps.clock });
  const permission = permissionNow({ approvers: config.APPROVERS, groups, warn: deps.warn });
  const ledger = createApprovalLedger(config.STATE_DIR);
  const answers = createWorkerAnswers({
    policies: (target, signal) =>
      withCluster(clusters, target.cluster, (access) => readPolicies({ ...access, probes, computed }, target, signal)),
    node: (cluster, name) => withCluster(clusters, cluster, (access) => readNode(access, name)),
    missing: (target) => missingTarget(clusters.open, target),
    whisper: createWhisper({ client }),
    warn: deps.warn,
  });
  const handlers = jobHandlers({
    ...deps,
    ...answers,
    permission,
    ledger,
    fixes,
    probes,
    computed,
    rules,
    open: clusters.open,
    followUpMinutes: config.FOLLOW_UP_MINUTES,
    attention: {
      people: config.ALERT_ONCALL,
      afterMinutes: config.ALERT_ONCALL_MINUTES,
      quiet: config.ALERT_QUIET_HOURS === undefined ? null : parseQuietHours(config.ALERT_QUIET_HOURS),
    },
    notify,
  });
  const workers = startJobWorkers(handlers, { address, onError });
  closings.push(() => workers.stop(graceMs));
  closings.push(sayAlive(deps, clusters.nodeTroubles));
}

async function withCluster<T>(
  clusters: Clusters,
  name: string,
  act: (access: ClusterAccess) => Promise<T>,
): Promise<T> {
  const access = await clusters.open(name);
  try {
    return await act(access);
  } finally {
    await access.close();
  }
}

/** Says in the store that this worker works, and what it cannot see: people ask the bot. @returns what ends it */
function sayAlive({ store, clock, warn }: ServeContext['deps'], blind: WorkerHealth['blind']): () => Promise<void> {
  const say = () => {
    const health: WorkerHealth = { at: clock.now().toISOString(), blind };
    store
      .remember(workerKey, JSON.stringify(health), workerKeptSeconds)
      .catch((error: unknown) => warn('the worker could not say that it works', error));
  };
  say();
  const timer = setInterval(say, workerSaysMs);
  timer.unref();
  return async () => clearInterval(timer);
}
