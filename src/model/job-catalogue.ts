/** The queues, what their jobs carry, and the ids that make adding a job twice the same as once. */
import { z } from 'zod';
import type { SignedApproval } from './approval.ts';
import type { QueuedJob } from './jobs.ts';
import type { RunOrigin } from './runs.ts';
import { alert, origin } from './stored-event.ts';
import { signedApproval, target } from './stored.ts';

const text = z.string().min(1).max(253);

/** Queue `diagnose`. `alert`: the alert that asked for it. */
export const diagnosePayload = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('diagnosis'), run: text, target, requester: z.string(), origin, alert: alert.nullable() }),
  /** One look of a schedule; `since`: when the schedule began (ISO 8601). */
  z.object({ kind: z.literal('follow-up'), run: text, since: z.iso.datetime() }),
]);
export type DiagnosePayload = z.infer<typeof diagnosePayload>;
export type DiagnosisRequest = Omit<Extract<DiagnosePayload, { kind: 'diagnosis' }>, 'kind'>;

/** Queue `fix`. What lets a plan be applied is in its record; what lets it be rolled back comes with the job. */
export const fixPayload = z.discriminatedUnion('action', [
  z.object({ plan: text, action: z.literal('apply') }),
  z.object({ plan: text, action: z.literal('rollback'), approval: signedApproval.nullable().default(null) }),
]);
type FixPayload = z.infer<typeof fixPayload>;

/** Queue `notify`: the thread of this run may differ from its events. */
export const notifyPayload = z.object({ run: text });
type NotifyPayload = z.infer<typeof notifyPayload>;

/** One job a run. */
export function diagnosisJob(request: DiagnosisRequest): QueuedJob {
  const data = { kind: 'diagnosis', ...request } satisfies DiagnosePayload;
  return { queue: 'diagnose', id: request.run, data, background: isBackground(request.origin) };
}

/** One job an approval: a second click adds nothing, and a plan that is approved anew gets a new one. */
export function applyJob(plan: string, approval: SignedApproval | null): QueuedJob {
  return {
    queue: 'fix',
    id: `${plan}.apply.${approval?.approval.id ?? 'none'}`,
    data: { plan, action: 'apply' } satisfies FixPayload,
  };
}

export function rollbackJob(approval: SignedApproval): QueuedJob {
  const { plan, id } = approval.approval;
  return {
    queue: 'fix',
    id: `${plan}.rollback.${id}`,
    data: { plan, action: 'rollback', approval } satisfies FixPayload,
  };
}

/** Whether nobody waits for a run that came from there. */
export function isBackground({ kind }: RunOrigin): boolean {
  return kind === 'alert';
}

/** @param count the number of the run's events, so that every event is followed by a look. */
export function notifyJob(run: string, count: number, background: boolean): QueuedJob {
  return { queue: 'notify', id: `${run}.${count}`, data: { run } satisfies NotifyPayload, coalesce: run, background };
}

export function followUpId(run: string): string {
  return `follow-up.${run}`;
}
