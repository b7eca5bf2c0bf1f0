/** The queues, what their jobs carry, and the ids that make adding a job twice the same as once. */
import { z } from 'zod';
import type { QueuedJob } from '../model/jobs.ts';
import type { RunAlert, RunOrigin } from '../model/runs.ts';
import type { Target } from '../model/target.ts';

const text = z.string().min(1).max(253);

const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pod'), namespace: text, name: text }),
  z.object({ kind: z.literal('node'), name: text }),
  z.object({ kind: z.literal('outside'), address: text }),
]);
const port = z.union([z.object({ protocol: z.enum(['tcp', 'udp']), number: z.int().min(1).max(65_535) }), z.object({ protocol: z.literal('icmp') })]);
const target = z.object({ cluster: text, namespace: text, pod: text, from: source.nullable(), port: port.nullable() }) satisfies z.ZodType<Target>;
const origin = z.object({
  kind: z.enum(['command', 'alert', 'cli', 'recheck']),
  channel: z.string().nullable(),
  thread: z.string().nullable(),
  joins: z.string().nullable(),
}) satisfies z.ZodType<RunOrigin>;
const alert = z.object({ fingerprint: z.string(), name: z.string(), summary: z.string(), startsAt: z.string() }) satisfies z.ZodType<RunAlert>;

/** Queue `diagnose`. `alert`: the alert that asked for it. */
export const diagnosePayload = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('diagnosis'), run: text, target, requester: z.string(), origin, alert: alert.nullable() }),
  /** One look of a schedule; `since`: when the schedule began (ISO 8601). */
  z.object({ kind: z.literal('follow-up'), run: text, since: z.iso.datetime() }),
]);
export type DiagnosePayload = z.infer<typeof diagnosePayload>;
export type DiagnosisRequest = Omit<Extract<DiagnosePayload, { kind: 'diagnosis' }>, 'kind'>;

/** Queue `fix`. `by`: who approved it, or asked for the rollback. */
export const fixPayload = z.object({ plan: text, action: z.enum(['apply', 'rollback']), by: z.string() });
export type FixPayload = z.infer<typeof fixPayload>;

/** Queue `notify`: the thread of this run may differ from its events. */
export const notifyPayload = z.object({ run: text });
export type NotifyPayload = z.infer<typeof notifyPayload>;

/** One job a run. */
export function diagnosisJob(request: DiagnosisRequest): QueuedJob {
  const data = { kind: 'diagnosis', ...request } satisfies DiagnosePayload;
  return { queue: 'diagnose', id: request.run, data, background: isBackground(request.origin) };
}

/** One job a plan and action: a second click adds nothing. */
export function fixJob(payload: FixPayload): QueuedJob {
  return { queue: 'fix', id: `${payload.plan}.${payload.action}`, data: payload };
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
