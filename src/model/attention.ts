/** What people said to an alert: seen, later, not at all. And when the bot keeps quiet by itself. */
import { own } from './own.ts';
import { alertLife, firingVictims, victimsOf } from './alert-life.ts';
import type { RunEvent } from './runs.ts';

export interface Attention {
  /** Who acknowledged it; null: nobody. */
  readonly acknowledgedBy: string | null;
  readonly mutedBy: string | null;
  /** The end of the last snooze, which may be over. */
  readonly snoozed: { readonly by: string; readonly until: string } | null;
  /** When the people on call were mentioned. */
  readonly calledAt: string | null;
}

export function attentionOf(events: readonly RunEvent[]): Attention {
  let attention: Attention = { acknowledgedBy: null, mutedBy: null, snoozed: null, calledAt: null };
  for (const event of events) {
    if (event.type === 'called') attention = { ...attention, calledAt: event.at };
    if (event.type !== 'attention') continue;
    const { what, by, until } = event;
    if (what === 'acknowledged') attention = { ...attention, acknowledgedBy: by };
    else if (what === 'snoozed') attention = { ...attention, snoozed: until === null ? null : { by, until } };
    else attention = { ...attention, mutedBy: what === 'muted' ? by : null };
  }
  return attention;
}

/** Whom the bot calls when an alert lasts, and when it keeps quiet. */
export interface AttentionSettings {
  /** Slack ids of users and user groups; empty: nobody. */
  readonly people: readonly string[];
  readonly afterMinutes: number;
  readonly quiet: QuietHours | null;
}

/** Minutes of the day in a time zone; `from` after `to` goes over midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

/** Reads `22:00-07:00`, in UTC, or with a time zone behind it, such as `22:00-07:00 Europe/Berlin`. null: not valid. */
export function parseQuietHours(text: string): QuietHours | null {
  const [, from, to, zone = 'UTC'] =
    /^([01]\d:[0-5]\d|2[0-3]:[0-5]\d)-([01]\d:[0-5]\d|2[0-3]:[0-5]\d)(?: ([A-Za-z0-9/_+-]{1,60}))?$/.exec(text) ?? [];
  if (from === undefined || to === undefined || from === to) return null;
  try {
    Intl.DateTimeFormat('en-GB', { timeZone: zone });
  } catch {
    return null;
  }
  return { from: minutesOf(from), to: minutesOf(to), zone };
}

function minutesOf(clock: string): number {
  const [hours = '0', minutes = '0'] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** Severities that wake people. */
const waking: Readonly<Record<string, true>> = { critical: true, page: true, emergency: true };

/** Whether nothing is posted now about the alerts of a run: they are muted, snoozed, or it is night. */
export function isSilent(events: readonly RunEvent[], quiet: QuietHours | null, now: Date): boolean {
  const { mutedBy, snoozed } = attentionOf(events);
  if (mutedBy !== null || (snoozed !== null && now.getTime() < Date.parse(snoozed.until))) return true;
  const { alerts, firing } = alertLife(events);
  // What a person asked for, that person waits for.
  if (quiet === null || alerts.length === 0) return false;
  const heard = firingVictims(victimsOf(events)) > 0 ? alerts : firing;
  const isWaking = heard.some(({ severity }) => own(waking, (severity ?? '').toLowerCase()) === true);
  return !isWaking && isWithin(quiet, now);
}

/** Returns when what keeps the bot quiet about a run ends; null: nothing does, or a person has to end it. */
export function silenceEnd(events: readonly RunEvent[], quiet: QuietHours | null, now: Date): Date | null {
  const { mutedBy, snoozed } = attentionOf(events);
  if (mutedBy !== null || !isSilent(events, quiet, now)) return null;
  const snoozeEnd = snoozed === null ? 0 : Date.parse(snoozed.until);
  if (snoozeEnd > now.getTime()) return new Date(snoozeEnd);
  if (quiet === null) return null;
  const left = (quiet.to - minuteAt(quiet, now) + minutesADay) % minutesADay;
  return new Date(now.getTime() + left * 60_000);
}

const minutesADay = 1440;

function minuteAt({ zone }: QuietHours, now: Date): number {
  return minutesOf(
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(now),
  );
}

function isWithin(quiet: QuietHours, now: Date): boolean {
  const { from, to } = quiet;
  const minute = minuteAt(quiet, now);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
