/** Alerts that other apps post in Slack: taken as a delivery of Alertmanager, told below the post. */
import { z } from 'zod';
import { describeTarget } from '../model/asked-flow.ts';
import { isCurrent } from '../model/alert-life.ts';
import { alertTarget } from '../model/alert-target.ts';
import type { TextPattern } from '../model/alert-text.ts';
import type { Posted } from '../model/slack-delivery.ts';
import { digestOf, partOf } from './alert-delivery.ts';
import { alertKeys, keptSeconds } from './alert-keys.ts';
import { mostPosted, readPost, type PostedAlert } from './alert-post.ts';
import { placeOf, receiveAlerts, type AlertDeps, type Received, type ReceivedDelivery } from './alerts.ts';

export interface PostDeps extends Omit<AlertDeps, 'named'> {
  /** See matchText. */
  readonly patterns: readonly TextPattern[];
}

export interface ReceivedPost extends ReceivedDelivery {
  /** Runs of its alerts that are told below another message, by the time of that post (ISO 8601). */
  readonly elsewhere: readonly { readonly run: string; readonly at: string }[];
}

/**
 * Takes the alerts of a post, or of what an edit made of it: an older state that comes later is left. An edit that
 * calls all of the post resolved ends every alert that the post had. A post that repeats an alert joins its run: Slack
 * does not say since when one fires, so the time of its first post counts until it resolves, or until what its run
 * found is no longer current.
 * @throws QueueUnreachable | StoreUnreachable
 */
export async function receivePost(deps: PostDeps, post: Posted): Promise<ReceivedPost> {
  const { channel, ts, edit } = post;
  const stateKey = alertKeys.postState(channel, ts);
  const state = edit ?? ts;
  if (((await deps.store.recall(stateKey)) ?? '') > state) return { alerts: [], more: 0, elsewhere: [] };
  const { alerts: all, more } = readPost(post, deps);
  const read = all.filter(({ status }) => status !== 'other');
  const named = { cluster: null, channel, thread: ts };
  const received: Received[] = [];
  const firing = new Set<string>();
  const kept = keptAlerts.parse(JSON.parse((await deps.store.recall(alertKeys.postAlerts(channel, ts))) ?? '[]'));
  const before = new Set(kept.map(({ alert }) => alert.fingerprint));
  const taken: KeptAlert[] = [];
  // A run is found again by its group: whatever else stands in a post, an alert is in the group of its name.
  for (const [name, group] of Map.groupBy(read, (alert) => alert.name)) {
    const alerts = await Promise.all(group.map((alert) => deliveredAs(deps, alert, post, before)));
    taken.push(...alerts.map((alert) => ({ group: name, alert })));
    const delivery = await receiveAlerts({ ...deps, named }, { version: '4', groupKey: `post ${name}`, alerts });
    for (const [at, one] of delivery.alerts.entries()) {
      received.push(one);
      const alert = alerts[at];
      if (!('run' in one) || alert?.status !== 'firing') continue;
      firing.add(one.run);
      await deps.store.remember(alertKeys.postedRun(alert.fingerprint), one.run, keptSeconds);
    }
    // The next post of it is of another firing.
    for (const { status, fingerprint, startsAt } of alerts)
      if (status === 'resolved') await deps.store.forget(alertKeys.posted(fingerprint), startsAt);
  }
  // An alert that somebody acknowledged has not ended, and nobody knows of those that are not read.
  const isOver = edit !== null && more === 0 && all.length > 0 && all.every(({ status }) => status === 'resolved');
  received.push(...(await endTheOthers(deps, post, { kept, taken, isOver })));
  await deps.store.remember(stateKey, state, keptSeconds);
  const told = await Promise.all([...firing].map(async (run) => toldElsewhere(deps, run, ts)));
  return { alerts: received, more, elsewhere: told.filter((one) => one !== null) };
}

/** Returns since when a run is told in another place than below this post; null: it is not. */
async function toldElsewhere({ store }: PostDeps, run: string, ts: string) {
  const first = await store.keepFirst(alertKeys.below(run), ts, keptSeconds);
  const started = (await store.events(run)).find((event) => event.type === 'started');
  // Asked by a delivery, it has a message of its own: the first post that joined it only says where that is.
  if (started?.origin.thread === null) return { run, at: started.at };
  const place = started?.origin.thread ?? first;
  return place === ts ? null : { run, at: timeOf(place) };
}

const timeOf = (ts: string) => new Date(Number(ts) * 1000).toISOString();

/** An alert as it was delivered, for the edit that ends it. */
interface KeptAlert {
  readonly group: string;
  readonly alert: z.infer<typeof keptAlert>;
}
const keptAlert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: z.string(),
  fingerprint: z.string(),
});
const keptAlerts = z.array(z.object({ group: z.string(), alert: keptAlert }));

/**
 * Ends the alerts that a post had and that its edit no longer names, where all that it names has resolved: the text of
 * an end often says less. Keeps those that fire for the next edit.
 */
async function endTheOthers(
  deps: PostDeps,
  { channel, ts }: Posted,
  {
    kept,
    taken,
    isOver,
  }: { readonly kept: readonly KeptAlert[]; readonly taken: readonly KeptAlert[]; readonly isOver: boolean },
): Promise<readonly Received[]> {
  const { store } = deps;
  const key = alertKeys.postAlerts(channel, ts);
  const named = new Set(taken.map(({ alert }) => alert.fingerprint));
  const others = kept.filter(({ alert }) => !named.has(alert.fingerprint));
  const ended: Received[] = [];
  for (const { group, alert } of isOver ? others : []) {
    const alerts = [{ ...alert, status: 'resolved' }];
    const place = { cluster: null, channel, thread: ts };
    ended.push(
      ...(await receiveAlerts({ ...deps, named: place }, { version: '4', groupKey: `post ${group}`, alerts })).alerts,
    );
    await store.forget(alertKeys.posted(alert.fingerprint), alert.startsAt);
  }
  const fire = [...(isOver ? [] : others), ...taken.filter(({ alert }) => alert.status === 'firing')];
  const small = fire.slice(0, mostPosted).map(({ group, alert: { labels, ...alert } }) => {
    const { alertname = '', cluster } = labels;
    return { group, alert: { ...alert, annotations: {}, labels: { alertname, ...(cluster ? { cluster } : {}) } } };
  });
  if (small.length > 0 || kept.length > 0) await store.remember(key, JSON.stringify(small), keptSeconds);
  return ended;
}

/** @param before fingerprints of those that fired as the post was: an edit that leaves them so is no new firing */
async function deliveredAs(
  deps: PostDeps,
  alert: PostedAlert,
  { channel, ts, edit }: Posted,
  before: ReadonlySet<string>,
) {
  const { store, templates, clusters } = deps;
  const { status, name, labels, annotations } = alert;
  const place = placeOf({ clusters, named: { cluster: null, channel, thread: ts } }, alert);
  const cluster = place.ok ? partOf(place.value.cluster) : [];
  const fingerprint = digestOf(channel, name, ...cluster, ...identityOf(alert, templates));
  const at = timeOf(edit ?? ts);
  const key = alertKeys.posted(fingerprint);
  let known = await store.recall(key);
  if (known !== null && status === 'firing' && !before.has(fingerprint) && (await firesAnew(deps, fingerprint))) {
    await store.forget(key, known);
    known = null;
  }
  const startsAt = known ?? (status === 'firing' ? await store.keepFirst(key, at, keptSeconds) : at);
  if (status === 'firing') await store.remember(key, startsAt, keptSeconds);
  return {
    status: status === 'firing' ? ('firing' as const) : ('resolved' as const),
    labels,
    annotations,
    startsAt,
    fingerprint,
  };
}

/** An end that nobody posted, or that reads as another alert, must not let an old verdict stand for a new firing. */
async function firesAnew({ store, clock }: PostDeps, fingerprint: string): Promise<boolean> {
  const run = await store.recall(alertKeys.postedRun(fingerprint));
  return run !== null && !isCurrent(await store.events(run), clock.now());
}

/** What is the same in each post of an alert, whatever else its template writes. */
function identityOf({ labels, annotations, exact }: PostedAlert, templates: readonly string[]): readonly string[] {
  const target = alertTarget({ labels, annotations }, templates);
  const own = exact.toSorted().map((label) => `${label}=${labels[label] ?? ''}`);
  return [typeof target === 'string' ? JSON.stringify([labels, annotations]) : describeTarget(target), ...own];
}
