/** Where Alertmanager delivers: who may, what is taken, and what is answered. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { describeError, ProgramError } from '../errors.ts';
import { whichCluster, type KnownClusters } from '../model/known-clusters.ts';
import type { ChannelCheck } from '../model/thread.ts';
import type { Received, RunSurface } from '../runs/surface.ts';
import { within } from './deadline.ts';

export interface AlertDelivery {
  readonly query: URLSearchParams;
  readonly authorization: string | null;
  readonly body: string;
}
export interface AlertAnswer {
  readonly status: number;
  readonly body: object;
}

export interface AlertEndpointOptions {
  /** Returns the bearer token of this moment; null: it opens nothing. */
  readonly token: (() => string) | null;
  /**
   * Returns `NAME:PASSWORD` of basic authentication, of this moment; null: it opens nothing. Without either, nothing is
   * taken.
   */
  readonly basicAuth: (() => string) | null;
  /** Each says where its alerts go whose address names no channel. */
  readonly clusters: KnownClusters;
  /** Channels that an address may name, beside those. */
  readonly channels: readonly string[];
  readonly runs: Pick<RunSurface, 'receiveAlerts'>;
  readonly mayPost: ChannelCheck;
  /** Says what is not diagnosed. @throws when it could not be said */
  readonly tellUnmapped: (received: readonly Received[]) => Promise<void>;
  readonly warn: (what: string, error: unknown) => void;
  /** Within which a delivery is answered, whatever Redis does. */
  readonly answerMs?: number;
}

/** @returns a handler that never rejects. Alertmanager delivers again what is not answered in its own time. */
export function createAlertEndpoint({
  token,
  basicAuth,
  clusters,
  channels,
  runs,
  mayPost,
  tellUnmapped,
  warn,
  answerMs = 5000,
}: AlertEndpointOptions): (delivery: AlertDelivery) => Promise<AlertAnswer> {
  const own = clusters.flatMap(({ alertChannel }) => (alertChannel === null ? [] : [alertChannel]));
  const allowed = new Set([...channels, ...own].map(bare));
  return async ({ query, authorization, body }) => {
    const accepted = [
      ...(token === null ? [] : [`Bearer ${token()}`]),
      ...(basicAuth === null ? [] : [`Basic ${Buffer.from(basicAuth(), 'utf8').toString('base64')}`]),
    ];
    if (accepted.length === 0)
      return refused(403, 'alerts are not taken: neither ALERT_TOKEN nor ALERT_BASIC_AUTH is set');
    if (!isOneOf(accepted, authorization ?? ''))
      return refused(401, 'the bearer token, or the name and password, are missing or wrong');
    const [channel, cluster] = [query.get('channel'), query.get('cluster')];
    if (channel === null && own.length === 0)
      return refused(400, 'no channel: set ALERT_CHANNEL, or add ?channel=NAME to the address');
    if (channel !== null && !allowed.has(bare(channel)))
      return refused(400, 'ALERT_CHANNELS does not list this channel');
    const known = cluster === null ? null : whichCluster(clusters, { named: cluster, channel });
    if (known?.ok === false) return refused(400, known.problem);
    const theirs = known?.value.alertChannel ?? null;
    const places = channel !== null ? [channel] : theirs !== null ? [theirs] : own;
    const take = async () => {
      const checks = await Promise.all(places.map(async (place) => ({ place, why: await mayPost(place) })));
      const bad = checks.filter(({ why }) => why !== null);
      const error = bad.map(({ place, why }) => noPosting(place, why ?? '')).join('; ');
      if (bad.length > 0 && bad.length === places.length) return refused(503, error);
      const received = await runs.receiveAlerts(parse(body), { channel, cluster });
      await tellUnmapped(received.alerts);
      // What belongs into the other channels is taken: the next delivery changes nothing there.
      return bad.length > 0 ? refused(503, error) : { status: 200, body: received };
    };
    try {
      return await within(answerMs, take());
    } catch (error) {
      const { code, message, next } = describeError(error);
      if (code === 'invalid-alert') return refused(400, `${message}. ${next}`);
      warn('alerts could not be taken', error);
      // Alertmanager delivers again after a 5xx.
      return refused(503, 'the alerts were not taken: deliver again');
    }
  };
}

/** Alertmanager counts it as a failed notification, and delivers again: then somebody may have corrected it. */
function noPosting(channel: string, why: string): string {
  return `nothing can be posted to ${channel} (${why}): run /invite @BOT in the channel, or set another ALERT_CHANNEL`;
}

/** Slack need not be asked for each delivery; what it refuses may be corrected at any moment. */
const rememberedMs = 60_000;

/** Returns the same check, which asks once a minute about a channel that can be posted to. */
export function remembered(check: ChannelCheck, clock: { now(): Date }): ChannelCheck {
  const good = new Map<string, number>();
  return async (channel) => {
    if ((good.get(channel) ?? 0) > clock.now().getTime()) return null;
    const why = await check(channel);
    if (why === null) good.set(channel, clock.now().getTime() + rememberedMs);
    return why;
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new ProgramError('invalid-alert', 'the body is not JSON', { cause: error });
  }
}

function bare(channel: string): string {
  return channel.replace(/^#/, '');
}

/** Compares digests: of equal length, and in a time that tells nothing of the secrets. Every one is compared. */
function isOneOf(accepted: readonly string[], authorization: string): boolean {
  const given = digest(authorization);
  return accepted.map((one) => timingSafeEqual(given, digest(one))).includes(true);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refused(status: number, error: string): AlertAnswer {
  return { status, body: { error } };
}
