/** The worker: takes jobs off the queues, looks at the cluster, applies fixes, and keeps threads up to date. */
import { createApprovalLedger } from './adapters/approval-ledger.ts';
import { startJobWorkers } from './adapters/queue-workers.ts';
import { createSlackClient } from './adapters/slack-client.ts';
import { createUserGroups } from './adapters/slack-people.ts';
import { createSlackThread } from './adapters/slack-thread.ts';
import { permissionNow } from './bot/authorise.ts';
import { createNotifier } from './bot/notifier.ts';
import { connectClusters } from './compose-cluster.ts';
import type { ServeContext } from './compose-context.ts';
import { fixes } from './fixes/registry.ts';
import { resumePlans } from './plans/resume-plans.ts';
import { jobHandlers } from './jobs/worker.ts';
import { checkWords, limited } from './setup/check.ts';
import { computed } from './computed/registry.ts';
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
  const handlers = jobHandlers({
    ...deps,
    permission,
    ledger,
    fixes,
    probes,
    computed,
    rules,
    open: clusters.open,
    followUpMinutes: config.FOLLOW_UP_MINUTES,
    notify,
  });
  const workers = startJobWorkers(handlers, { address, onError });
  closings.push(() => workers.stop(graceMs));
}
