/** The worker: takes jobs off the queues, looks at the cluster, applies fixes, and keeps threads up to date. */
import { createApprovalLedger } from './adapters/approval-ledger.ts';
import { removeOldSchedules } from './adapters/old-schedules.ts';
import { startJobWorkers } from './adapters/queue-workers.ts';
import { createSlackClient } from './adapters/slack-client.ts';
import { createUserGroups, createWhisper } from './adapters/slack-people.ts';
import { createSlackThread } from './adapters/slack-thread.ts';
import { forPlan, permissionNow } from './bot/authorise.ts';
import { createNotifier } from './bot/notifier.ts';
import { plainWhisper } from './bot/plain-screens.ts';
import { createWorkerAnswers } from './bot/worker-answers.ts';
import { connectClusters, type Clusters } from './compose-cluster.ts';
import { secretNow } from './config-secrets.ts';
import type { ServeContext } from './compose-context.ts';
import { approversByCluster } from './compose-known-clusters.ts';
import { units } from './compose-units.ts';
import { startUntold } from './compose-untold.ts';
import { startWorkerHealth } from './compose-worker-health.ts';
import { parseQuietHours } from './model/attention.ts';
import { missingTarget } from './runs/missing-target.ts';
import { leaveNames } from './runs/offered-names.ts';
import { readNode } from './runs/read-node.ts';
import { readPolicies } from './runs/read-policies.ts';
import { resumePlans } from './plans/resume-plans.ts';
import { jobHandlers } from './jobs/worker.ts';
import type { ClusterAccess } from './model/cluster-access.ts';

/** How long running jobs may go on after the program was told to end. */
export const graceMs = 15_000;

export async function startWorker({ config, deps, address, onError, closings, log }: ServeContext): Promise<void> {
  const names = config.clusters.map(({ name }) => name);
  await resumePlans(deps, (cluster) => names.includes(cluster));
  const clusters = await connectClusters(config.clusters);
  closings.push(() => clusters.close());
  const client = createSlackClient({
    token: secretNow(config, 'SLACK_BOT_TOKEN'),
    apiUrl: config.SLACK_API_URL ?? null,
  });
  const thread = createSlackThread({ client, clock: deps.clock });
  const notify = createNotifier({ ...deps, thread });
  const groups = createUserGroups({ client, clock: deps.clock });
  const people = { approvers: config.APPROVERS, ...approversByCluster(config), groups, warn: deps.warn };
  const permission = permissionNow(people);
  const ledger = createApprovalLedger(config.STATE_DIR);
  const answers = createWorkerAnswers({
    policies: (target, signal) =>
      withCluster(clusters, target.cluster, (access) => readPolicies({ ...access, ...units }, target, signal)),
    node: (cluster, name) => withCluster(clusters, cluster, (access) => readNode(access, name)),
    missing: (target) => missingTarget(clusters.open, target),
    whisper: plainWhisper(createWhisper({ client }), deps.warn),
    warn: deps.warn,
  });
  const health = startWorkerHealth({ clusters, config, deps, log });
  const handlers = jobHandlers({
    ...deps,
    ...answers,
    permission,
    ...(config.CALL_APPROVERS ? { approversOf: (plan) => groups.ids(forPlan(people, plan).approvers) } : {}),
    ledger,
    ...units,
    open: clusters.open,
    followUpMinutes: config.FOLLOW_UP_MINUTES,
    attention: {
      people: config.ALERT_ONCALL,
      afterMinutes: config.ALERT_ONCALL_MINUTES,
      quiet: config.ALERT_QUIET_HOURS === undefined ? null : parseQuietHours(config.ALERT_QUIET_HOURS),
    },
    notify,
    beforeFix: health.askOpenings,
    leaveNames: (wanted) => leaveNames({ ...deps, open: clusters.open }, wanted),
  });
  // Not waited for: what is left costs some keys of Redis.
  void removeOldSchedules({ address, onError, clusters: names }).catch((error: unknown) =>
    log.warn('schedules of earlier versions could not be removed', error),
  );
  const workers = startJobWorkers(handlers, { address, onError, clusters: names });
  closings.push(() => workers.stop(graceMs));
  closings.push(startUntold({ config, deps }));
  closings.push(health.stop);
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
