/** Keys of the store under which alerts, their runs and storms are found again. What others wrote is hashed. */
import { digestOf, partOf } from './alert-delivery.ts';

const channelOf = (channel: string | null) => (channel ?? '').replace(/^#/, '');

export const alertKeys = {
  /** The run that has an alert. */
  asked: (id: string) => `alert-run.${id}`,
  /** The run whose thread an alert joins when it fires again. */
  thread: (fingerprint: string, cluster: string) => ['alert-thread', fingerprint, ...partOf(cluster)].join('.'),
  /** The open run of a target. */
  open: (channel: string | null, cluster: string, target: string) =>
    `alert-open.${digestOf(channelOf(channel), cluster, target)}`,
  /** The run that leads the others of a group. */
  group: (channel: string | null, group: string) => `alert-group.${digestOf(channelOf(channel), group)}`,
  /** The run that leads the others of a channel: those of one cluster, because another's worker may be away. */
  lead: (channel: string | null, cluster: string) => `alert-lead.${digestOf(channelOf(channel), ...partOf(cluster))}`,
  /** The run in whose list a held one stands. */
  storm: (run: string) => `alert-storm.${run}`,
  /** When an alert was posted first that did not resolve since. */
  posted: (fingerprint: string) => `alert-posted.${fingerprint}`,
  /** The run that a posted alert has. */
  postedRun: (fingerprint: string) => `alert-posted-run.${fingerprint}`,
  /** The state of a post that was taken last, as its ts or that of its edit. */
  postState: (channel: string, ts: string) => `alert-post-state.${channel}.${ts}`,
  /** The alerts of a post that fired, as JSON. */
  postAlerts: (channel: string, ts: string) => `alert-post-alerts.${channel}.${ts}`,
  /** ts of the post below which a run is told. */
  below: (run: string) => `alert-below.${run}`,
  /** The run that told a cause first. */
  cause: (channel: string | null, cause: string) => `alert-cause.${digestOf(channelOf(channel), cause)}`,
} as const;

/** How long an alert that fires again joins the thread that it had, and how long an alert that fires is known. */
export const keptSeconds = 86_400;
