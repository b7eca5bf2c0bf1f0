/** Alerts of Alertmanager (webhook, version 4): each firing one becomes a run in a thread, each resolved one ends its follow-up. */
import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { z } from 'zod';
import type { RunAlert } from '../model/runs.ts';
import type { Target } from '../model/target.ts';
import { diagnosisJob } from './catalogue.ts';
import { endFollowUp } from './follow-up.ts';
import { tell, type TellDeps } from './tell.ts';

const labels = z.record(z.string(), z.string());
/** Unknown fields are let through: versions of Alertmanager add some. */
export const alertPayload = z.object({
  version: z.literal('4'),
  groupKey: z.string(),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels,
      annotations: labels.default({}),
      startsAt: z.iso.datetime({ offset: true }),
      fingerprint: z.string().min(1),
    }),
  ),
});
export type AlertPayload = z.infer<typeof alertPayload>;
type Alert = AlertPayload['alerts'][number];

export interface AlertDeps extends TellDeps {
  readonly cluster: string;
  /** Where threads of alerts begin. */
  readonly channel: string | null;
}

/** What became of an alert: a run (that was asked for now, or is there already), or why there is none. */
export type Received = { readonly alert: string; readonly run: string } | { readonly alert: string; readonly ignored: string };

/** How long an alert that fires again joins the thread that it had. */
const threadSeconds = 86_400;

/**
 * Takes a delivery of Alertmanager. Delivered twice, an alert asks for one run: its id follows from the alert.
 * @throws QueueUnreachable when no run could be asked for: answer with an error, Alertmanager delivers again.
 */
export async function receiveAlerts(deps: AlertDeps, payload: AlertPayload): Promise<readonly Received[]> {
  const received: Received[] = [];
  for (const alert of payload.alerts) received.push(await (alert.status === 'firing' ? fire(deps, payload.groupKey, alert) : resolve(deps, payload.groupKey, alert)));
  return received;
}

async function fire(deps: AlertDeps, groupKey: string, alert: Alert): Promise<Received> {
  const target = targetOf(deps.cluster, alert);
  const name = nameOf(alert);
  if (typeof target === 'string') return { alert: name, ignored: target };
  const run = runOf(groupKey, alert);
  const first = await deps.store.recall(threadKey(alert));
  await deps.queues?.add(
    diagnosisJob({ run, target, requester: `alert ${name}`, origin: { kind: 'alert', channel: deps.channel, thread: null, joins: first === run ? null : first }, alert: runAlert(alert) }),
  );
  await deps.store.remember(threadKey(alert), first ?? run, threadSeconds);
  await deps.store.remember(askedKey(run), 'yes', threadSeconds);
  return { alert: name, run };
}

async function resolve(deps: AlertDeps, groupKey: string, alert: Alert): Promise<Received> {
  const [name, run] = [nameOf(alert), runOf(groupKey, alert)];
  if ((await deps.store.recall(askedKey(run))) === null) return { alert: name, ignored: 'it resolved, and no run of it is known' };
  if (await deps.store.once(`resolved.${run}`, threadSeconds)) await tell(deps, run, { type: 'alert', alert: runAlert(alert), status: 'resolved' });
  await endFollowUp(deps, run);
  return { alert: name, run };
}

/** @returns a reason in place of a target when the labels name no pod. */
function targetOf(cluster: string, { labels: { namespace, pod, port, protocol = 'tcp' } }: Alert): Target | string {
  if (!namespace || !pod) return 'its labels name no namespace and pod';
  if (!isName(namespace) || !isName(pod)) return 'its labels name no pod that Kubernetes could have';
  const number = Number(port);
  const known = port !== undefined && Number.isInteger(number) && number >= 1 && number <= 65_535;
  return { cluster, namespace, pod, from: null, port: known ? { protocol: protocol.toLowerCase() === 'udp' ? 'udp' : 'tcp', number } : null };
}

function isName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text);
}

/** `r-` and a ULID of the time at which the alert began, the same whenever it is delivered. */
function runOf(groupKey: string, { fingerprint, startsAt }: Alert): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const hash = createHash('sha256').update(JSON.stringify([groupKey, fingerprint, startsAt])).digest();
  return `r-${encodeTime(Date.parse(startsAt), 10)}${[...hash.subarray(0, 16)].map((byte) => digits[byte % 32]).join('')}`;
}

function runAlert(alert: Alert): RunAlert {
  const { fingerprint, startsAt, annotations } = alert;
  return { fingerprint, name: nameOf(alert), summary: annotations['summary'] ?? annotations['description'] ?? '', startsAt };
}

function nameOf({ labels, fingerprint }: Alert): string {
  return labels['alertname'] ?? fingerprint;
}

function threadKey({ fingerprint }: Alert): string {
  return `alert-thread.${fingerprint}`;
}

function askedKey(run: string): string {
  return `alert-run.${run}`;
}
