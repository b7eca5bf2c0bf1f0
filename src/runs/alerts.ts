/**
 * Alerts: each target that one names becomes a run, further alerts about it join that run, and a resolved one ends its
 * follow-up. A run that comes while another alert is open is held until its verdict says where to tell it.
 */
import { describeTarget, type AskedFlow } from '../model/asked-flow.ts';
import { alertLife, firingKey, isCurrent, isOpen, isWatched } from '../model/alert-life.ts';
import { whichCluster, type KnownClusters } from '../model/known-clusters.ts';
import { describePort, type Parsed } from '../model/target-grammar.ts';
import { diagnosisJob } from '../model/job-catalogue.ts';
import type { RunAlert, RunEvent, RunOrigin } from '../model/runs.ts';
import { fingerprintOf, keptAlert, nameOf, readAlert, readDelivery, runOf, type Alert } from './alert-delivery.ts';
import { alertKeys, keptSeconds } from './alert-keys.ts';
import { leadOf, openHolder, tellVictim, type Lead } from './alert-storm.ts';
import { alertTarget } from '../model/alert-target.ts';
import { endFollowUp, askLastLook } from './follow-up.ts';
import { tell, type TellDeps } from './tell.ts';

/** What the address names to which a delivery was sent; null: nothing. */
export interface NamedPlace {
  readonly cluster: string | null;
  /** Where threads of its alerts begin. */
  readonly channel: string | null;
  /** ts of the message there that is the alert: what is told of it stands below. Not given: there is none. */
  readonly thread?: string;
}

export interface AlertDeps extends TellDeps {
  readonly clusters: KnownClusters;
  readonly named: NamedPlace;
  /** Templates of targets that are tried before the usual ones: see alertTarget. */
  readonly templates: readonly string[];
}

/** What became of an alert: a run (that was asked for now, or is there already), or why there is none. */
export type Received =
  | { readonly alert: string; readonly run: string }
  | { readonly alert: string; readonly ignored: string; readonly unmapped?: UnmappedAlert };
/** A firing alert that names nothing that could be diagnosed. */
interface UnmappedAlert {
  /** The same for every delivery. */
  readonly id: string;
  readonly channel: string;
  /** As of NamedPlace. */
  readonly thread?: string;
  readonly labels: Readonly<Record<string, string>>;
}
/** What became of a delivery. `more`: alerts beyond the limit, which were not looked at. */
export interface ReceivedDelivery {
  readonly alerts: readonly Received[];
  readonly more: number;
}

/** Alerts read of one delivery. */
export const mostAlerts = 1000;
/** Runs asked for by one delivery. The next delivery asks for more. */
export const mostTargets = 50;
/** Alerts kept of one run. */
const mostOfRun = 20;

/** A firing alert with its target and the run that it would have alone. */
interface Mapped {
  readonly alert: Alert;
  readonly kept: RunAlert;
  readonly id: string;
  readonly target: AskedFlow;
  readonly place: Place;
}

/** Where an alert belongs. */
type Place = Record<'cluster' | 'channel', string>;

/** A delivery while it is taken. */
interface Taking {
  readonly group: string;
  /** Runs that may still be asked for. */
  left: number;
  /** By cluster and channel, once it is known for which run the others are held, and which of them its list has. */
  readonly leads: Map<string, Lead>;
}

/**
 * Takes a delivery of Alertmanager. Delivered twice, an alert asks for one run: its id follows from the alert.
 * @param payload JSON of others
 * @throws ProgramError `invalid-alert` for a payload that is not a delivery
 * @throws QueueUnreachable | StoreUnreachable: answer with an error, Alertmanager delivers again.
 */
export async function receiveAlerts(given: AlertDeps, payload: unknown): Promise<ReceivedDelivery> {
  const { groupKey, alerts } = readDelivery(payload);
  const deps = { ...given, background: true };
  const more = Math.max(0, alerts.length - mostAlerts);
  const received = new Map<number, Received>();
  const byTarget = new Map<string, { readonly at: number; readonly mapped: Mapped }[]>();
  const resolved: (readonly [number, Alert, string])[] = [];
  for (const [at, one] of alerts.slice(0, mostAlerts).entries()) {
    const alert = readAlert(one);
    if (typeof alert === 'string') {
      received.set(at, { alert: 'unknown', ignored: alert });
      continue;
    }
    const place = placeOf(deps, alert);
    const id = runOf(groupKey, alert, place.ok ? place.value.cluster : '');
    if (!place.ok) {
      received.set(at, ignored(deps, id, alert, place.problem, firstChannel(deps)));
      continue;
    }
    const { cluster, channel } = place.value;
    if (alert.status === 'resolved') {
      resolved.push([at, alert, cluster]);
      continue;
    }
    const target = alertTarget(alert, deps.templates);
    if (typeof target === 'string') {
      received.set(at, ignored(deps, id, alert, target, channel));
      continue;
    }
    const key = `${cluster} ${channel} ${targetWords(target)}`;
    const kept = keptAlert(alert, at === mostAlerts - 1 ? more : 0);
    const mapped = { alert, kept, id, target, place: place.value };
    byTarget.set(key, [...(byTarget.get(key) ?? []), { at, mapped }]);
  }
  const taking: Taking = { group: groupKey, left: mostTargets, leads: new Map() };
  const take = async (group: readonly { readonly at: number; readonly mapped: Mapped }[]) => {
    const runs = await fire(
      deps,
      taking,
      group.map(({ mapped }) => mapped),
    );
    for (const [index, { at, mapped }] of group.entries())
      received.set(at, { alert: mapped.kept.name, run: runs[index] ?? mapped.id });
  };
  // The first one leads the others: they are held for it.
  const [first, ...others] = [...byTarget.values()];
  if (first) await take(first);
  await Promise.all(others.map(take));
  await Promise.all(
    resolved.map(async ([at, alert, cluster]) => received.set(at, await resolve(deps, groupKey, alert, cluster))),
  );
  const bad = [...received.values()].filter((one) => 'ignored' in one).length;
  if (more + bad > 0) {
    const counted = `${bad} were ignored and ${more} were over the limit of ${mostAlerts}`;
    deps.warn(`of ${alerts.length} alerts in one delivery ${counted}`, undefined);
  }
  return { alerts: [...received].toSorted(([a], [b]) => a - b).map(([, one]) => one), more };
}

/** Where there are several clusters, Prometheus' label `cluster` says it, unless the address does. */
export function placeOf(
  { clusters, named }: Pick<AlertDeps, 'clusters' | 'named'>,
  { labels: given }: Pick<Alert, 'labels'>,
): Parsed<Place> {
  const label = clusters.length > 1 ? (given['cluster'] ?? null) : null;
  const found = whichCluster(clusters, { named: named.cluster ?? label, channel: named.channel });
  const setting = named.thread === undefined ? 'add ?cluster=NAME to the address of the webhook' : 'set CHANNELS of it';
  const hint = `${setting}, or add a label cluster to the alerts`;
  if (!found.ok) return { ok: false, problem: `${found.problem}. To name one, ${hint}` };
  const { name: cluster, alertChannel } = found.value;
  const channel = named.channel ?? alertChannel;
  return channel === null
    ? { ok: false, problem: `the cluster ${cluster} has no ALERT_CHANNEL` }
    : { ok: true, value: { cluster, channel } };
}

/** Where it is said that an alert belongs to no cluster. */
function firstChannel({ clusters, named }: AlertDeps): string | null {
  return named.channel ?? clusters.find(({ alertChannel }) => alertChannel !== null)?.alertChannel ?? null;
}

/** An alert that asks for no run. One that fires is told of in the channel, if there is one. */
function ignored(
  { named: { thread } }: AlertDeps,
  id: string,
  alert: Alert,
  problem: string,
  channel: string | null,
): Received {
  const place = channel === null ? null : { channel, ...(thread === undefined ? {} : { thread }) };
  return {
    alert: nameOf(alert),
    ignored: problem,
    ...(alert.status === 'firing' && place ? { unmapped: { id, labels: alert.labels, ...place } } : {}),
  };
}

function targetWords(target: AskedFlow): string {
  return `${describeTarget(target)}${target.port ? ` on ${describePort(target.port)}` : ''}`;
}

/** @param alerts of one target @returns the run of each */
async function fire(deps: AlertDeps, taking: Taking, alerts: readonly Mapped[]): Promise<readonly string[]> {
  const { store } = deps;
  const known = await Promise.all(alerts.map(({ id }) => store.recall(alertKeys.asked(id))));
  const fresh = alerts.filter((_one, index) => known[index] === null);
  const [first] = fresh;
  if (!first) return known.map((run) => run ?? '');
  const holder = await holderOf(deps, taking, first);
  if (holder === null) return alerts.map(({ id }, index) => known[index] ?? id);
  const joining = holder === first.id ? fresh.slice(1) : fresh;
  await join(
    deps,
    holder,
    joining.map(({ kept }) => kept),
  );
  await Promise.all(fresh.map(({ id }) => store.remember(alertKeys.asked(id), holder, keptSeconds)));
  return known.map((run) => run ?? holder);
}

/** Returns the open run of the alert's target: one that is there, or one that it asks for. null: over the limit. */
async function holderOf(deps: AlertDeps, taking: Taking, one: Mapped): Promise<string | null> {
  const { channel, cluster } = one.place;
  const key = alertKeys.open(channel, cluster, targetWords(one.target));
  // Alertmanager says when an alert ends, and since when it fires. A post may not.
  const isPosted = deps.named.thread !== undefined;
  const now = deps.clock.now();
  const looksAfter = (events: readonly RunEvent[]) =>
    isPosted ? isCurrent(events, now) : isWatched(events, now, one.kept.startsAt);
  const holder = await openHolder(deps, key, one.id, keptSeconds, looksAfter);
  if (holder !== one.id) return holder;
  const place = `${cluster} ${channel}`;
  const lead = taking.leads.get(place) ?? (await leadOf(deps, taking.group, one.id, one.place, looksAfter));
  if (lead !== null) taking.leads.set(place, lead);
  taking.left -= 1;
  if (lead !== null) {
    const isOver = taking.left < 0;
    const state = isOver ? 'undiagnosed' : 'waiting';
    const victim = {
      run: one.id,
      target: describeTarget(one.target),
      alert: one.kept.name,
      cause: null,
      state,
    } as const;
    await deps.store.remember(alertKeys.storm(one.id), lead.run, keptSeconds);
    if (!lead.listed.has(one.id)) await tell(deps, lead.run, { type: 'victim', victim });
    if (isOver) {
      await deps.store.forget(key);
      return null;
    }
  }
  await ask(deps, one, lead);
  return one.id;
}

async function ask(deps: AlertDeps, { alert, kept, id, target, place }: Mapped, lead: Lead | null): Promise<void> {
  const { store, named } = deps;
  const { channel, cluster } = place;
  const thread = alertKeys.thread(fingerprintOf(alert), cluster);
  const earlier = await store.recall(thread);
  const before = earlier === id || named.thread !== undefined ? null : earlier;
  const origin: RunOrigin = {
    kind: 'alert',
    channel,
    thread: named.thread ?? null,
    joins: lead?.run ?? before,
    ...(lead === null ? {} : { held: lead.held }),
  };
  const requester = `alert ${kept.name}`;
  await deps.queues?.add(diagnosisJob({ run: id, target: { cluster, ...target }, requester, alert: kept, origin }));
  await store.remember(thread, earlier ?? id, keptSeconds);
}

/** Adds alerts to a run that is there, each once. */
async function join(deps: AlertDeps, run: string, alerts: readonly RunAlert[]): Promise<void> {
  if (alerts.length === 0) return;
  const known = alertLife(await deps.store.events(run)).alerts;
  const keys = new Set(known.map(firingKey));
  const fresh = alerts.filter((alert) => !keys.has(firingKey(alert))).slice(0, Math.max(0, mostOfRun - known.length));
  for (const alert of fresh) await tell(deps, run, { type: 'alert', alert, status: 'firing' });
}

async function resolve(deps: AlertDeps, groupKey: string, alert: Alert, cluster: string): Promise<Received> {
  const { store } = deps;
  const [name, id] = [nameOf(alert), runOf(groupKey, alert, cluster)];
  const run = await store.recall(alertKeys.asked(id));
  const lead = await store.recall(alertKeys.storm(run ?? id));
  if (run === null && lead === null) return { alert: name, ignored: 'it resolved, and it had no run' };
  if (run !== null) {
    const before = alertLife(await store.events(run));
    const kept = keptAlert(alert, 0);
    const has = (alerts: readonly RunAlert[]) => alerts.some((one) => firingKey(one) === firingKey(kept));
    if (has(before.firing) || (!has(before.alerts) && before.alerts.length < mostOfRun))
      await tell(deps, run, { type: 'alert', alert: kept, status: 'resolved' });
    const events = await store.events(run);
    if (alertLife(events).resolvedAt === null) return { alert: name, run };
    if (!isOpen(events, deps.clock.now())) await endFollowUp(deps, run);
    if (lead === null) await askLastLook(deps, run, cluster);
  }
  if (lead !== null) await tellVictim(deps, lead, { run: run ?? id, state: 'resolved' });
  return { alert: name, run: run ?? id };
}
