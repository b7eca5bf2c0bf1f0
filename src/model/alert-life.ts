/** Which alerts of a run fire, from its events alone. Delivered twice, an alert counts once. */
import type { RunAlert, RunEvent, StormVictim } from './runs.ts';
import { endOf } from './run-life.ts';
import type { Verdict } from './verdict.ts';

export interface AlertLife {
  /** In the order in which they came. */
  readonly alerts: readonly RunAlert[];
  readonly firing: readonly RunAlert[];
  /** When the last alert of the run resolved; null: one fires, or there is none. */
  readonly resolvedAt: string | null;
}

export function alertLife(events: readonly RunEvent[]): AlertLife {
  const alerts = new Map<string, { readonly alert: RunAlert; readonly resolvedAt: string | null }>();
  for (const event of events) {
    if (event.type !== 'alert') continue;
    const { alert, status, at } = event;
    const known = alerts.get(alert.fingerprint);
    // An alert that fires anew has ended before, also where nobody delivered that.
    const isOlder = known !== undefined && Date.parse(alert.startsAt) < Date.parse(known.alert.startsAt);
    if (isOlder) continue;
    const isSame = known?.alert.startsAt === alert.startsAt;
    const resolvedAt = (isSame ? known?.resolvedAt : null) ?? (status === 'resolved' ? at : null);
    alerts.set(alert.fingerprint, { alert: isSame ? known.alert : alert, resolvedAt });
  }
  const all = [...alerts.values()];
  const firing = all.filter(({ resolvedAt }) => resolvedAt === null);
  return {
    alerts: all.map(({ alert }) => alert),
    firing: firing.map(({ alert }) => alert),
    resolvedAt:
      firing.length > 0
        ? null
        : (all
            .map(({ resolvedAt }) => resolvedAt ?? '')
            .toSorted()
            .at(-1) ?? null),
  };
}

/** The same for each delivery of one firing of an alert. */
export function firingKey({ fingerprint, startsAt }: RunAlert): string {
  return `${fingerprint} ${startsAt}`;
}

/** Returns what became of each run that was held for this one, in the order in which they came. */
export function victimsOf(events: readonly RunEvent[]): readonly StormVictim[] {
  const victims = new Map<string, StormVictim>();
  for (const event of events) if (event.type === 'victim') victims.set(event.victim.run, event.victim);
  return [...victims.values()];
}

const ended: ReadonlySet<StormVictim['state']> = new Set(['resolved', 'other']);

/** Whether later alerts may join the run. One whose events are not there yet waits in the queue. */
export function isOpen(events: readonly RunEvent[], now: Date): boolean {
  return firingVictims(victimsOf(events)) > 0 || isWatched(events, now);
}

/** Returns how many of those in the list of a storm still fire, and are told nowhere else. */
export function firingVictims(victims: readonly StormVictim[]): number {
  return victims.filter(({ state }) => !ended.has(state)).length;
}

/** Whether the run looks after its own target: one that leads a storm is open longer, for the others in its list. */
function isFollowed(events: readonly RunEvent[]): boolean {
  const end = endOf(events)?.type;
  if (end === 'cancelled' || end === 'failed') return false;
  return alertLife(events).resolvedAt === null;
}

/**
 * Whether the run looks after its own target for an alert that fires since then. One that ended healthy does not look
 * again, and the end of its alert may have got lost: what fires later is another matter.
 */
export function isWatched(events: readonly RunEvent[], now: Date, since: string | null = null): boolean {
  if (!isFollowed(events)) return false;
  const last = lastLook(events);
  if (last?.verdict.verdict !== 'healthy') return true;
  const at = Date.parse(last.at);
  return now.getTime() - at < currentMs.healthy && (since === null || Date.parse(since) <= at);
}

const lastLook = (events: readonly RunEvent[]) =>
  events.findLast((event) => event.type === 'verdict' || event.type === 'follow-up');

/** How long a verdict says what is so now, where nobody says when an alert ends, in milliseconds. */
const currentMs = { healthy: 300_000, inStorm: 3_600_000, other: 86_400_000 } as const;

/**
 * Whether the run still says what is so, for an alert whose end may never be told: else it fires anew, also if it looks
 * the same. A healthy target is not looked at again, nor is one that is a line in the list of another run.
 */
export function isCurrent(events: readonly RunEvent[], now: Date): boolean {
  if (!isFollowed(events)) return false;
  const last = lastLook(events);
  if (!last) return true;
  const isInStorm = events.some((event) => event.type === 'placed' && event.where === 'storm');
  const kind = last.verdict.verdict === 'healthy' ? 'healthy' : isInStorm ? 'inStorm' : 'other';
  return now.getTime() - Date.parse(last.at) < currentMs[kind];
}

const longestCause = 300;

/** Returns what a verdict calls its causes, in one line that a list can hold; null: it has none. */
export function causeTitles({ roots }: Verdict): string | null {
  return roots.length === 0
    ? null
    : roots
        .map(({ title }) => title)
        .join('; ')
        .slice(0, longestCause);
}
