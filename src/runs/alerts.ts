/**
 * Alerts of Alertmanager (webhook, version 4): each firing one becomes a run in a thread, each resolved one ends its
 * follow-up.
 */
import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { z } from 'zod';
import type { RunAlert } from '../model/runs.ts';
import { parseTarget } from '../model/asked-flow.ts';
import { onlyCluster, whichCluster, type KnownCluster, type KnownClusters } from '../model/known-clusters.ts';
import { parsePodName, type Parsed } from '../model/target-grammar.ts';
import type { Target } from '../model/target.ts';
import { ProgramError } from '../errors.ts';
import { diagnosisJob } from '../model/job-catalogue.ts';
import { endFollowUp } from './follow-up.ts';
import { tell, type TellDeps } from './tell.ts';

const labels = z.record(z.string(), z.string());
/**
 * A delivery. Its alerts are read one by one, so that a bad one is refused alone. Unknown fields are let through:
 * versions of Alertmanager add some.
 */
const alertPayload = z.object({ version: z.literal('4'), groupKey: z.string(), alerts: z.array(z.unknown()) });

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: labels.default({}),
  // RFC 3339 with nanoseconds has at most 35 characters. The id of a run holds its time, and none before 1970.
  startsAt: z.iso
    .datetime({ offset: true })
    .max(40)
    .refine((at) => Date.parse(at) >= 0, { error: 'is before 1970' }),
  fingerprint: z.string().min(1),
});
type Alert = z.infer<typeof alertSchema>;

/** What the address names to which a delivery was sent; null: nothing. */
export interface NamedPlace {
  readonly cluster: string | null;
  /** Where threads of its alerts begin. */
  readonly channel: string | null;
}

export interface AlertDeps extends TellDeps {
  readonly clusters: KnownClusters;
  readonly named: NamedPlace;
}

/** What became of an alert: a run (that was asked for now, or is there already), or why there is none. */
type Received = { readonly alert: string; readonly run: string } | { readonly alert: string; readonly ignored: string };
/** What became of a delivery. `more`: alerts beyond the limit, which were not looked at. */
export interface ReceivedDelivery {
  readonly alerts: readonly Received[];
  readonly more: number;
}

/** Alerts taken of one delivery: a group that is larger is one outage, and more runs would not say more about it. */
export const mostAlerts = 50;
/** How much of an alert's texts is kept, in characters. */
const longest = { name: 200, summary: 1000 } as const;
/** How long an alert that fires again joins the thread that it had. */
const threadSeconds = 86_400;

/**
 * Takes a delivery of Alertmanager. Delivered twice, an alert asks for one run: its id follows from the alert.
 * @param payload JSON of others
 * @throws ProgramError `invalid-alert` for a payload that is not a delivery
 * @throws QueueUnreachable when no run could be asked for: answer with an error, Alertmanager delivers again.
 */
export async function receiveAlerts(given: AlertDeps, payload: unknown): Promise<ReceivedDelivery> {
  const parsed = alertPayload.safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = `${issue?.path.slice(0, 4).join('.')} ${issue?.message}`;
    throw new ProgramError(
      'invalid-alert',
      `the body is not a delivery of Alertmanager, version 4: ${where}`.slice(0, 300),
    );
  }
  const { groupKey, alerts } = parsed.data;
  const deps = { ...given, background: true };
  const more = Math.max(0, alerts.length - mostAlerts);
  const taken = alerts.slice(0, mostAlerts);
  const last = taken.length - 1;
  const received = await Promise.all(taken.map((alert, at) => receive(deps, groupKey, alert, at === last ? more : 0)));
  const bad = received.filter((one) => 'ignored' in one).length;
  if (more + bad > 0) {
    const counted = `${bad} were ignored and ${more} were over the limit of ${mostAlerts}`;
    deps.warn(`of ${alerts.length} alerts in one delivery ${counted}`, undefined);
  }
  return { alerts: received, more };
}

async function receive(deps: AlertDeps, groupKey: string, given: unknown, more: number): Promise<Received> {
  const parsed = alertSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.slice(0, 2).join('.').slice(0, 100);
    return { alert: 'unknown', ignored: `it is not an alert of Alertmanager: ${where} ${issue?.message}` };
  }
  const alert = parsed.data;
  const found = clusterOf(deps, alert);
  if (!found.ok) return { alert: nameOf(alert), ignored: found.problem };
  const asked: AskedAlert = { alert, groupKey, cluster: found.value };
  return alert.status === 'firing' ? fire(deps, asked, more) : resolve(deps, asked);
}

interface AskedAlert {
  readonly alert: Alert;
  readonly groupKey: string;
  readonly cluster: KnownCluster;
}

/** Where there are several, Prometheus' label `cluster` says it, unless the address does. */
function clusterOf({ clusters, named }: AlertDeps, { labels: given }: Alert): Parsed<KnownCluster> {
  const label = clusters.length > 1 ? (given['cluster'] ?? null) : null;
  const found = whichCluster(clusters, { named: named.cluster ?? label, channel: named.channel });
  const hint = 'add ?cluster=NAME to the address of the webhook, or a label cluster to the alerts';
  return found.ok ? found : { ok: false, problem: `${found.problem}. To name one, ${hint}` };
}

async function fire(deps: AlertDeps, asked: AskedAlert, more: number): Promise<Received> {
  const { alert, cluster } = asked;
  const target = targetOf(cluster.name, alert);
  const name = nameOf(alert);
  if (typeof target === 'string') return { alert: name, ignored: target };
  const channel = deps.named.channel ?? cluster.alertChannel;
  if (channel === null) return { alert: name, ignored: `the cluster ${cluster.name} has no ALERT_CHANNEL` };
  const run = runOf(asked);
  const first = await deps.store.recall(threadKey(asked));
  await deps.queues?.add(
    diagnosisJob({
      run,
      target,
      requester: `alert ${name}`,
      alert: runAlert(alert, more),
      origin: { kind: 'alert', channel, thread: null, joins: first === run ? null : first },
    }),
  );
  await deps.store.remember(threadKey(asked), first ?? run, threadSeconds);
  await deps.store.remember(askedKey(run), 'yes', threadSeconds);
  return { alert: name, run };
}

async function resolve(deps: AlertDeps, asked: AskedAlert): Promise<Received> {
  const { alert } = asked;
  const [name, run] = [nameOf(alert), runOf(asked)];
  if ((await deps.store.recall(askedKey(run))) === null)
    return { alert: name, ignored: 'it resolved, and it had no run' };
  if (await deps.store.once(`resolved.${run}`, threadSeconds)) {
    await tell(deps, run, { type: 'alert', alert: runAlert(alert, 0), status: 'resolved' });
  }
  await endFollowUp(deps, run);
  return { alert: name, run };
}

/** Labels that name what makes pods, as kube-state-metrics calls them: an alert about it has no pod. */
const workloadLabels = ['deployment', 'statefulset', 'daemonset'] as const;

/** @returns the target, or a reason when the labels name no pod, and nothing that makes pods. */
function targetOf(cluster: string, { labels: named }: Alert): Target | string {
  const { namespace, pod, port, protocol = 'tcp' } = named;
  const workload = workloadLabels.find((label) => named[label]);
  const name = pod || (workload && `${workload}:${namespace}/${named[workload]}`);
  if (!namespace || !name) return 'it has no labels namespace and pod';
  const target = pod ? parsePodName(`${namespace}/${pod}`) : parseTarget(name);
  if (!target.ok) return `its labels do not name a valid ${pod ? 'pod' : workload}`;
  const number = Number(port);
  const known = port !== undefined && Number.isInteger(number) && number >= 1 && number <= 65_535;
  return {
    cluster,
    ...target.value,
    from: null,
    port: known ? { protocol: protocol.toLowerCase() === 'udp' ? 'udp' : 'tcp', number } : null,
  };
}

/** `r-` and a ULID of the time at which the alert began, the same whenever it is delivered. */
function runOf({ groupKey, alert: { fingerprint, startsAt }, cluster }: AskedAlert): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const hash = createHash('sha256')
    .update(JSON.stringify([groupKey, fingerprint, startsAt, ...partOf(cluster)]))
    .digest();
  const random = [...hash.subarray(0, 16)].map((byte) => digits[byte % 32]).join('');
  return `r-${encodeTime(Date.parse(startsAt), 10)}${random}`;
}

/** @param more alerts of the same delivery that get no run, said with this one. */
function runAlert(alert: Alert, more: number): RunAlert {
  const { startsAt, annotations } = alert;
  const summary = cut(annotations['summary'] ?? annotations['description'] ?? '', longest.summary);
  const others = more > 0 ? `and ${more} more alerts in the same delivery, not diagnosed` : '';
  const told = [summary, others].filter((part) => part !== '').join(' ');
  return { fingerprint: fingerprintOf(alert), name: nameOf(alert), summary: told, startsAt };
}

function nameOf(alert: Alert): string {
  return cut(alert.labels['alertname'] ?? fingerprintOf(alert), longest.name);
}

/** Alertmanager's own are 16 hexadecimal digits. Any other is hashed: it becomes part of keys in the store. */
function fingerprintOf({ fingerprint }: Alert): string {
  if (/^[\w.-]{1,64}$/.test(fingerprint)) return fingerprint;
  return createHash('sha256').update(fingerprint).digest('hex').slice(0, 32);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text;
}

function threadKey({ alert, cluster }: AskedAlert): string {
  return ['alert-thread', fingerprintOf(alert), ...partOf(cluster)].join('.');
}

/** Two clusters may have alerts of the same labels, and so of the same fingerprint. */
function partOf({ name }: KnownCluster): readonly string[] {
  return name === onlyCluster ? [] : [name];
}

function askedKey(run: string): string {
  return `alert-run.${run}`;
}
