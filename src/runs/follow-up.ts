/**
 * Looking again on a schedule after an alert or a fix, until it is healthy or the alert resolves, saying only what
 * changed.
 */
import type { RunEvent } from '../model/runs.ts';
import type { Verdict } from '../model/verdict.ts';
import { followUpId, lastLookJob, lookAfterSilence, type DiagnosePayload } from '../model/job-catalogue.ts';
import { alertLife, firingVictims, victimsOf } from '../model/alert-life.ts';
import { attentionOf, isSilent, silenceEnd, type AttentionSettings } from '../model/attention.ts';
import { endOf } from '../model/run-life.ts';
import { verdictChange } from '../model/verdict-change.ts';
import { diagnose } from '../engine/diagnose.ts';
import { readingOf } from '../engine/reading.ts';
import type { RunDeps } from './run-diagnosis.ts';
import { tell, type TellDeps } from './tell.ts';

export interface FollowUpDeps extends RunDeps {
  /** Minutes after the first verdict, or after a fix; rising. */
  readonly followUpMinutes: readonly number[];
  readonly attention: AttentionSettings;
}

const minuteMs = 60_000;
const oneDaySeconds = 86_400;

/** Starts the schedule of a run that was not followed yet, unless there is nothing to follow. */
export async function startFollowUp(deps: FollowUpDeps, run: string): Promise<void> {
  const events = await deps.store.events(run);
  if (!events.some(({ type }) => type === 'follow-up')) await schedule(deps, run, events);
}

/** Starts the schedule of a run from its first minute again, as after a fix. */
export async function restartFollowUp(deps: FollowUpDeps, run: string): Promise<void> {
  await schedule(deps, run, await deps.store.events(run));
}

async function schedule(deps: FollowUpDeps, run: string, events: readonly RunEvent[]): Promise<void> {
  const minutes = minutesOf(deps);
  const [first, last] = [minutes[0], minutes.at(-1)];
  const now = deps.clock.now();
  const { over, target } = followed(events, now);
  if (!deps.queues || first === undefined || last === undefined || over) return;
  const everyMs = tickMs(minutes);
  const data = { kind: 'follow-up', run, since: now.toISOString() } satisfies DiagnosePayload;
  await deps.store.remember(sinceKey(run), data.since, keptSeconds);
  await deps.queues.schedule({
    queue: 'diagnose',
    ...(target === null ? {} : { cluster: target.cluster }),
    id: followUpId(run),
    data,
    firstAt: new Date(now.getTime() + first * minuteMs),
    everyMs,
    times: Math.ceil(((last - first) * minuteMs) / everyMs) + 1,
  });
}

/** The minutes at which to look, and the one at which the people on call are to know what holds then. */
function minutesOf({ followUpMinutes, attention: { people, afterMinutes } }: FollowUpDeps): readonly number[] {
  if (people.length === 0 || followUpMinutes.length === 0) return followUpMinutes;
  return [...new Set([...followUpMinutes, afterMinutes])].toSorted((a, b) => a - b);
}

export async function endFollowUp(deps: Pick<TellDeps, 'queues'>, run: string): Promise<void> {
  await deps.queues?.unschedule('diagnose', followUpId(run));
}

/**
 * One tick of a schedule: looks if one of its minutes is due that nobody has looked at. After a standstill one look
 * serves all the minutes that passed.
 */
export async function followUp(
  deps: FollowUpDeps,
  run: string,
  since: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  // What was asked for before the schedule began anew, such as a look after the night, would end the new one.
  if (((await deps.store.recall(sinceKey(run))) ?? since) !== since) return;
  const begun = new Date(since);
  const stored = await deps.store.events(run);
  const before = followed(stored, begun);
  if (before.over || !before.target) return endFollowUp(deps, run);
  const minutes = minutesOf(deps);
  const elapsed = (deps.clock.now().getTime() - begun.getTime()) / minuteMs;
  const isLast = elapsed + toleranceMinutes >= (minutes.at(-1) ?? Infinity);
  // What a silent look would find is told by the first one after it.
  if (isSilent(stored, deps.attention.quiet, deps.clock.now())) {
    if (!isLast) return;
    const end = silenceEnd(stored, deps.attention.quiet, deps.clock.now());
    if (end !== null) await deps.queues?.add(lookAfterSilence(run, before.target.cluster, since, end));
    return endFollowUp(deps, run);
  }
  const lookedLast = Math.max(0, ...before.looked.filter((minute) => minutes.includes(minute)));
  const due = minutes.filter((minute) => minute <= elapsed + toleranceMinutes && minute > lookedLast).at(-1);
  if (due === undefined) return isLast ? endFollowUp(deps, run) : undefined;

  const verdict = await lookSilently(deps, `${run}.${due}`, before.target, signal);
  const after = followed(await deps.store.events(run), begun);
  if (signal.aborted || after.over || !(await deps.store.once(`${followUpId(run)}.${since}.${due}`, oneDaySeconds)))
    return;
  const told = { ...verdict, run };
  await tell(deps, run, {
    type: 'follow-up',
    minutes: due,
    verdict: told,
    changed: verdictChange(after.verdict, told),
  });
  await deps.plans.retire(before.target, told);
  const isWell = verdict.verdict === 'healthy' && after.others === 0;
  if (isWell || due === minutes.at(-1)) await endFollowUp(deps, run);
  if (!isWell) await call(deps, run, due);
}

/** Mentions the people on call, once a run, if the alert lasts and nobody took it up. */
async function call(deps: FollowUpDeps, run: string, minutes: number): Promise<void> {
  const { people, afterMinutes } = deps.attention;
  if (people.length === 0 || minutes < afterMinutes) return;
  const events = await deps.store.events(run);
  const { acknowledgedBy, calledAt } = attentionOf(events);
  const firing = alertLife(events).firing.length + firingVictims(victimsOf(events));
  if (acknowledgedBy !== null || calledAt !== null || firing === 0) return;
  if (isSilent(events, deps.attention.quiet, deps.clock.now())) return;
  await tell(deps, run, { type: 'called', people, minutes });
}

/** Asks for the look at the end, when the alerts of a run have resolved. */
export async function askLastLook(deps: Pick<TellDeps, 'queues'>, run: string, cluster: string): Promise<void> {
  await deps.queues?.add(lastLookJob(run, cluster));
}

/** Looks once more, when the alerts of a run have resolved: it ends with what holds now. */
export async function lastLook(
  deps: FollowUpDeps,
  run: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const events = await deps.store.events(run);
  const { resolvedAt } = alertLife(events);
  const end = endOf(events);
  const { target, verdict: before } = followed(events, new Date(0));
  // Before the verdict there is nothing to look at again: the diagnosis asks for this look at its end.
  if (resolvedAt === null || !target || end?.type !== 'verdict') return;
  const isDone = events.some((event) => event.type === 'follow-up' && event.at >= resolvedAt);
  if (isDone) return;
  const verdict = { ...(await lookSilently(deps, `${run}.last`, target, signal)), run };
  if (signal.aborted || !(await deps.store.once(`last-look.${run}`, oneDaySeconds))) return;
  const minutes = Math.round((deps.clock.now().getTime() - Date.parse(end.at)) / minuteMs);
  // The message of the resolved alert tells it.
  await tell(deps, run, { type: 'follow-up', minutes, verdict, changed: null });
  if (before) await deps.plans.retire(target, verdict);
}

/** When the schedule of a run began: once more, after a fix. */
const sinceKey = (run: string) => `follow-up-since.${run}`;
const keptSeconds = 7 * oneDaySeconds;

/** A tick may come a moment early. */
const toleranceMinutes = 100 / minuteMs;

async function lookSilently(
  deps: FollowUpDeps,
  name: string,
  target: Parameters<typeof diagnose>[1]['target'],
  signal: AbortSignal,
): Promise<Verdict> {
  const access = await deps.open(target.cluster);
  try {
    return await diagnose(
      { ...readingOf(deps, access), rules: deps.rules },
      { run: name, target },
      async () => undefined,
      signal,
    );
  } finally {
    await access.close();
  }
}

/** What a run's events say of its following; `looked`: minutes looked at since then; `others`: in its list, firing. */
function followed(events: readonly RunEvent[], since: Date) {
  let verdict: Verdict | null = null;
  let over = false;
  const looked: number[] = [];
  for (const event of events) {
    if (event.type === 'verdict' || event.type === 'follow-up') verdict = event.verdict;
    if (event.type === 'follow-up' && Date.parse(event.at) >= since.getTime()) looked.push(event.minutes);
    if (event.type === 'cancelled') over = true;
  }
  // The first pod of a storm may recover, or be gone, while the others in its list are still hit.
  const others = firingVictims(victimsOf(events));
  if (others === 0 && (alertLife(events).resolvedAt !== null || verdict?.verdict === 'healthy')) over = true;
  const started = events.find((event) => event.type === 'started');
  return { verdict, looked, over, others, target: started?.target ?? null };
}

/** The pause of the schedule's ticks: the smallest gap, so that every minute has a tick at or soon after it. */
function tickMs(minutes: readonly number[]): number {
  const gaps = minutes.map((minute, i) => minute - (minutes[i - 1] ?? 0));
  return Math.max(100, Math.round(Math.min(...gaps) * minuteMs));
}
