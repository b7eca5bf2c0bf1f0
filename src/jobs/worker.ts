import type { JobHandlers } from '../model/jobs.ts';
import { abandonJob } from '../plans/abandon-plan.ts';
import { applyPlan, rollBackPlan, type FixDeps } from '../plans/apply-fix.ts';
import { callApprovers, type CallApproversDeps } from '../plans/call-approvers.ts';
import { createRunPlans } from '../plans/run-plans.ts';
import {
  diagnosePayload,
  fixPayload,
  type FixPayload,
  isBackground,
  notifyLaterJob,
  notifyPayload,
  type DiagnosisRequest,
  type Question,
} from '../model/job-catalogue.ts';
import type { WantedNames } from '../model/offered-names.ts';
import { ThreadError } from '../model/thread.ts';
import { abandonRun } from '../runs/abandon-run.ts';
import { followUp, lastLook, restartFollowUp, type FollowUpDeps } from '../runs/follow-up.ts';
import { runAlert } from '../runs/run-alert.ts';
import { runDiagnosis } from '../runs/run-diagnosis.ts';
import { teller } from '../runs/tell.ts';

export interface WorkerDeps extends Omit<FixDeps, 'tell'>, Pick<FollowUpDeps, 'followUpMinutes' | 'attention'> {
  /** Makes the thread of a run what its events say; safe to call twice. */
  readonly notify: (run: string, signal: AbortSignal) => Promise<void>;
  /** Not given: nobody is called when a fix waits. */
  readonly approversOf?: CallApproversDeps['approversOf'];
  /** Called before the plan of an approved fix is looked at. Never throws. */
  readonly beforeFix?: () => void;
  /** Answers one person. Never rejects. */
  readonly answer: (question: Question, signal: AbortSignal) => Promise<void>;
  /** Leaves names that a dialog offers in the store. */
  readonly leaveNames: (wanted: WantedNames) => Promise<void>;
  /** Tells the person who asked about something that does not exist. @returns whether it did: then nothing runs */
  readonly refuseMissing: (request: DiagnosisRequest) => Promise<boolean>;
}

/** What the workers of the three queues do. A payload that is none of the catalogue's fails its job. */
export function jobHandlers(deps: WorkerDeps): JobHandlers {
  const fixDeps: FixDeps = { ...deps, tell: teller(deps) };
  const runDeps = (background: boolean): FollowUpDeps => ({
    ...deps,
    background,
    plans: createRunPlans({ ...deps, tell: teller({ ...deps, background }) }),
  });
  return {
    diagnose: {
      concurrency: 3,
      lanes: { background: 2, waiting: 3, typing: 2 },
      startOnce: false,
      async run(data, signal) {
        const payload = diagnosePayload.parse(data);
        if (payload.kind === 'follow-up') return followUp(runDeps(true), payload.run, payload.since, signal);
        if (payload.kind === 'last-look') return lastLook(runDeps(true), payload.run, signal);
        if (payload.kind === 'question') return deps.answer(payload, signal);
        if (payload.kind === 'names') return deps.leaveNames(payload);
        if (await isRefused(deps, payload)) return;
        const own = runDeps(isBackground(payload.origin));
        const stop = { signal, by: null };
        // Also when the run had ended: the job may be delivered again because this was cut off.
        if (payload.origin.kind === 'alert') await runAlert(own, payload, stop);
        else await runDiagnosis(own, payload, stop);
        const { approversOf, attention } = deps;
        if (approversOf) await callApprovers({ ...fixDeps, approversOf, quiet: attention.quiet }, payload.run);
      },
      async abandoned(data, { error }) {
        const payload = diagnosePayload.parse(data);
        if (payload.kind === 'diagnosis') await abandonRun(runDeps(isBackground(payload.origin)), payload, error);
      },
    },
    fix: {
      concurrency: 1,
      startOnce: true,
      async run(data, signal) {
        const payload = fixPayload.parse(data);
        deps.beforeFix?.();
        await tellUnread(fixDeps, payload);
        if (payload.action === 'rollback') {
          await rollBackPlan(fixDeps, payload.plan, payload.approval);
          return;
        }
        const record = await applyPlan(fixDeps, payload.plan, signal);
        // What the fix sets going takes its time: the thread shall end with how it went.
        if (record.state === 'verified') await restartFollowUp(runDeps(false), record.plan.run);
      },
      async abandoned(data, { id }) {
        await abandonJob(fixDeps, fixPayload.parse(data), id);
      },
    },
    notify: {
      concurrency: 5,
      // Each may wait for the pace of one channel, and a person's message in that channel waits behind them.
      lanes: { background: 2 },
      startOnce: false,
      async run(data, signal) {
        const { run } = notifyPayload.parse(data);
        try {
          const mark = await deps.store.untoldMark(run);
          await deps.notify(run, signal);
          if (mark !== null) await deps.store.markTold(run, mark);
        } catch (error) {
          if (!(error instanceof ThreadError) || error.trouble !== 'locked-out' || !deps.queues) throw error;
          // A token that somebody renews loses no message, and who waits for that holds no slot.
          await deps.queues.add(notifyLaterJob(run, deps.clock.now()));
        }
      },
    },
  };
}

/** Says in the thread that a plan cannot be read: its job fails then, and the person who approved it waits. */
async function tellUnread({ store, tell, seals }: FixDeps, { plan, run, action }: FixPayload): Promise<void> {
  if (run === null || (await store.plan(plan)) !== null) return;
  // Only a run that is there has a thread.
  if ((await store.events(run)).length === 0) return;
  await tell(run, { type: 'plan-unread', plan, action, seal: seals.seal('unread', { run, plan, action }) });
}

/** A typing error of a person is theirs alone: it begins no thread. */
async function isRefused(deps: WorkerDeps, request: DiagnosisRequest): Promise<boolean> {
  if (request.origin.kind !== 'command') return false;
  const isNew = (await deps.store.events(request.run)).length === 0;
  return isNew && deps.refuseMissing(request);
}
