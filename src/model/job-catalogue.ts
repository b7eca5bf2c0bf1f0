/** The queues, what their jobs carry, and the ids that make adding a job twice the same as once. */
import { z } from 'zod';
import type { SignedApproval } from './approval.ts';
import type { FixPlan } from './fix.ts';
import type { QueuedJob } from './jobs.ts';
import type { WantedNames } from './offered-names.ts';
import type { RunOrigin } from './runs.ts';
import { alert, origin } from './stored-event.ts';
import { signedApproval, target } from './stored.ts';

const text = z.string().min(1).max(253);

/** Queue `diagnose`. `alert`: the alert that asked for it. */
export const diagnosePayload = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('diagnosis'), run: text, target, requester: z.string(), origin, alert: alert.nullable() }),
  /** One look of a schedule; `since`: when the schedule began (ISO 8601). */
  z.object({ kind: z.literal('follow-up'), run: text, since: z.iso.datetime() }),
  /** The look at the end, when the alerts of a run have resolved. */
  z.object({ kind: z.literal('last-look'), run: text }),
  /** Something that a person wants to know at once, and alone. `id`: the same for every delivery. */
  z.object({
    kind: z.literal('question'),
    id: text,
    about: z.discriminatedUnion('what', [
      z.object({ what: z.literal('policies'), target }),
      z.object({ what: z.literal('node'), cluster: text, node: text }),
    ]),
    user: z.string(),
    channel: z.string(),
    thread: z.string().nullable(),
  }),
  /** Names that a dialog offers. */
  z.object({ kind: z.literal('names'), cluster: text, namespace: text.nullable() }),
]);
export type DiagnosePayload = z.infer<typeof diagnosePayload>;
export type DiagnosisRequest = Omit<Extract<DiagnosePayload, { kind: 'diagnosis' }>, 'kind'>;

export type Question = Omit<Extract<DiagnosePayload, { kind: 'question' }>, 'kind'>;

/**
 * Queue `fix`. What lets a plan be applied is in its record; what lets it be rolled back comes with the job. `run`: in
 * its thread a worker says that it cannot read the plan. Older versions do not name it.
 */
export const fixPayload = z.discriminatedUnion('action', [
  z.object({ plan: text, run: text.nullable().default(null), action: z.literal('apply') }),
  z.object({
    plan: text,
    run: text.nullable().default(null),
    action: z.literal('rollback'),
    approval: signedApproval.nullable().default(null),
  }),
]);
export type FixPayload = z.infer<typeof fixPayload>;

/** Queue `notify`: the thread of this run may differ from its events. */
export const notifyPayload = z.object({ run: text });
type NotifyPayload = z.infer<typeof notifyPayload>;

/** One job a run. */
export function diagnosisJob(request: DiagnosisRequest): QueuedJob {
  const data = { kind: 'diagnosis', ...request } satisfies DiagnosePayload;
  const { cluster } = request.target;
  return { queue: 'diagnose', cluster, id: request.run, data, ...laneOf(request) };
}

function laneOf({ origin, target: { wait } }: DiagnosisRequest): Pick<QueuedJob, 'lane'> {
  if (isBackground(origin)) return { lane: 'background' };
  return wait === undefined ? {} : { lane: 'waiting' };
}

/** One job a question. */
export function questionJob(question: Question): QueuedJob {
  const data = { kind: 'question', ...question } satisfies DiagnosePayload;
  const { about } = question;
  const cluster = about.what === 'node' ? about.cluster : about.target.cluster;
  return { queue: 'diagnose', cluster, id: `q-${question.id}`, data };
}

/** One job for all that type at the same time. */
export function namesJob(wanted: WantedNames, now: Date): QueuedJob {
  const { cluster, namespace } = wanted;
  const data = { kind: 'names', ...wanted } satisfies DiagnosePayload;
  const turn = Math.floor(now.getTime() / namesEveryMs);
  const id = `names.${cluster}.${namespace ?? ''}.${turn}`;
  return { queue: 'diagnose', cluster, id, data, lane: 'typing' };
}
/** A job that did not leave names is followed by another one so soon. */
const namesEveryMs = 5000;

/** One job an approval: a second click adds nothing, and a plan that is approved anew gets a new one. */
export function applyJob(
  { id: plan, run, cluster }: Pick<FixPlan, 'id' | 'run' | 'cluster'>,
  approval: SignedApproval | null,
): QueuedJob {
  return {
    queue: 'fix',
    cluster,
    id: `${plan}.apply.${approval?.approval.id ?? 'none'}`,
    data: { plan, run, action: 'apply' } satisfies FixPayload,
  };
}

export function rollbackJob({ run, cluster }: Pick<FixPlan, 'run' | 'cluster'>, approval: SignedApproval): QueuedJob {
  const { plan, id } = approval.approval;
  return {
    queue: 'fix',
    cluster,
    id: `${plan}.rollback.${id}`,
    data: { plan, run, action: 'rollback', approval } satisfies FixPayload,
  };
}

/** Whether nobody waits for a run that came from there. */
export function isBackground({ kind }: RunOrigin): boolean {
  return kind === 'alert';
}

/** @param count the number of the run's events, so that every event is followed by a look. */
export function notifyJob(run: string, count: number, background: boolean): QueuedJob {
  const data = { run } satisfies NotifyPayload;
  const lane = background ? ({ lane: 'background' } as const) : {};
  return { queue: 'notify', id: `${run}.${count}`, data, coalesce: run, ...lane };
}

/**
 * Asks the notifier again, which Slack did not let in: one job a turn, in a slot that nobody waits for. The turn after
 * the next one: where the clock of another worker is ahead, a job of the next turn runs in this one, and would be its
 * own successor.
 */
export function notifyLaterJob(run: string, now: Date): QueuedJob {
  const turn = Math.floor(now.getTime() / lockedOutMs) + 2;
  const data = { run } satisfies NotifyPayload;
  const at = new Date(turn * lockedOutMs);
  return { queue: 'notify', id: `locked-out.${run}.${turn}`, data, lane: 'background', at };
}
/**
 * Asks the notifier about a run whose last event nobody told: the program that was to ask for it ended, or Slack was
 * away for longer than a job tries. The older that event is, the rarer: one job a turn.
 */
export function untoldJob(run: string, sinceMs: number, now: Date): QueuedJob {
  const turnMs = sinceMs < hourMs ? minuteMs : sinceMs < 24 * hourMs ? 10 * minuteMs : hourMs;
  const data = { run } satisfies NotifyPayload;
  const id = `untold.${run}.${turnMs}.${Math.floor(now.getTime() / turnMs)}`;
  return { queue: 'notify', id, data, coalesce: run, lane: 'background' };
}
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Between two attempts with a token that Slack did not accept. */
export const lockedOutMs = 5000;

/** Asks the notifier once, right after a plan's offer ended. */
export function expiryNotice(run: string, plan: string, end: Date): QueuedJob {
  const data = { run } satisfies NotifyPayload;
  return { queue: 'notify', id: `expiry.${plan}`, data, lane: 'background', at: momentAfter(end) };
}

function momentAfter(end: Date): Date {
  return new Date(end.getTime() + 1000);
}

export function lastLookJob(run: string, cluster: string): QueuedJob {
  const data = { kind: 'last-look', run } satisfies DiagnosePayload;
  return { queue: 'diagnose', cluster, id: `last-look.${run}`, data, lane: 'background' };
}

export function followUpId(run: string): string {
  return `follow-up.${run}`;
}

/**
 * One look when what kept the bot quiet ends, where the schedule of a run is over by then. A silence that somebody
 * makes longer has a look of its own.
 */
export function lookAfterSilence(run: string, cluster: string, since: string, end: Date): QueuedJob {
  const data = { kind: 'follow-up', run, since } satisfies DiagnosePayload;
  const id = `after-silence.${run}.${end.getTime()}`;
  return { queue: 'diagnose', cluster, id, data, lane: 'background', at: momentAfter(end) };
}
