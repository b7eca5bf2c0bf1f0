/** What a click on a button does. */
import type { Approver } from '../model/approval.ts';
import type { PlanRecord } from '../model/fix.ts';
import type { Whisper } from '../model/thread.ts';
import type { NoDecision, PlanSurface } from '../plans/surface.ts';
import { mayApprove } from './authorise.ts';
import { cancelFor, type CancelDeps } from './cancel.ts';
import { createMessageBook } from './message-book.ts';
import { refusedByLimit, type PersonLimitDeps } from './person-limit.ts';
import { answerText, failureText } from './render/answers.ts';
import { buttonIds } from './render/buttons.ts';
import { placeOf } from './run-place.ts';
import { clip, nothing, person, rich, wordsWithPeople, type Rich } from './render/rich.ts';

/** A click as Slack delivers it, once or more often. */
export interface Click {
  readonly action: string;
  /** Id of a plan or run. */
  readonly value: string;
  readonly user: string;
  readonly channel: string;
  /** ts of the parent of the message that holds the button. */
  readonly thread: string;
  /** ts of the message that holds the button. */
  readonly message: string;
  /** The same for every delivery of one click. */
  readonly at: string;
}

export interface ClickDeps extends CancelDeps, PersonLimitDeps {
  readonly plans: PlanSurface;
  readonly whisper: Whisper;
}

const onceSeconds = 3600;

/** Never rejects: what went wrong is told to the person who clicked. */
export async function handleClick(deps: ClickDeps, click: Click): Promise<void> {
  const say = (text: Rich) =>
    deps.whisper
      .whisper(click, answerText(text))
      .catch((error: unknown) => deps.warn(`${click.user} could not be answered`, error));
  try {
    if (!(await deps.store.once(`click.${click.at}.${click.user}.${click.action}.${click.value}`, onceSeconds))) return;
    const answer = await answerOf(deps, click);
    if (answer !== null) await say(answer);
  } catch (error) {
    deps.warn(`the click ${click.action} ${click.value} could not be handled`, error);
    await say(failureText(error, 'Not done'));
  }
}

/** @returns what to tell the person, or null where the thread says it. */
async function answerOf(deps: ClickDeps, click: Click): Promise<Rich | null> {
  if (click.action === buttonIds.recheck) return recheck(deps, click);
  if (click.action === buttonIds.cancel) return cancelFor(deps, click.value, click.user);
  const decide = decisions.get(click.action);
  if (!decide) return null;
  const permission = await mayApprove(deps, click.user);
  if (!permission.allowed) {
    const why = wordsWithPeople(permission.why);
    return permission.retry
      ? rich`:warning: Not decided: ${why}. Retry.`
      : rich`:lock: You cannot decide about this fix: ${why}.`;
  }
  return (await misplaced(deps, click)) ?? decide(deps, click);
}

const decisions: ReadonlyMap<string, (deps: ClickDeps, click: Click) => Promise<Rich | null>> = new Map([
  [buttonIds.approve, approve],
  [buttonIds.reject, decline],
  [buttonIds.rollback, rollBack],
]);

/** A click counts only in the thread in which the plan's run is told. */
async function misplaced({ store, runs, plans }: ClickDeps, { value, channel, thread }: Click): Promise<Rich | null> {
  const known = await plans.show(value);
  if (!known) return unknownFix;
  const { run } = known.plan;
  const place = await placeOf(run, await runs.events(run), createMessageBook(store));
  if (place?.channel === channel && place.thread === thread) return null;
  return rich`:lock: This button is not in the thread of its diagnosis. Decide there, or run the diagnosis again.`;
}

const unknownFix = rich`This fix is no longer stored. Run the diagnosis again for a new one.`;

function approverOf({ user, channel, thread, message, at }: Click): Approver {
  return { name: user, via: { kind: 'slack', channel, thread, message, click: at } };
}

async function approve(deps: ClickDeps, click: Click): Promise<Rich | null> {
  const decision = await deps.plans.approve(click.value, approverOf(click));
  // Somebody else's approval is in the thread.
  const isApproved = decision.decided === 'taken' && decision.record.state === 'approved';
  return decision.decided === 'yes' || isApproved ? null : undecided(decision);
}

async function decline(deps: ClickDeps, { value, user }: Click): Promise<Rich | null> {
  const decision = await deps.plans.reject(value, user);
  return decision.decided === 'yes' ? null : undecided(decision);
}

async function rollBack(deps: ClickDeps, click: Click): Promise<Rich | null> {
  const decision = await deps.plans.rollBack(click.value, approverOf(click));
  return decision.decided === 'yes' ? null : undecided(decision);
}

function undecided(decision: NoDecision): Rich {
  if (decision.decided === 'unknown-plan') return unknownFix;
  return decision.decided === 'refused' ? rich`:lock: Not done: ${clip(decision.why, 500)}.` : taken(decision.record);
}

function taken({ state, approver, reason }: PlanRecord): Rich {
  const by = approver ? rich` (approved by ${person(approver)})` : nothing;
  return rich`Already decided: ${state}${by}${reason ? rich`, ${clip(reason, 500)}` : nothing}.`;
}

async function recheck(deps: ClickDeps, { value, user, channel, thread }: Click): Promise<Rich | null> {
  if (!(await deps.runs.events(value)).some(({ type }) => type === 'started')) return unknownRun;
  const refusal = await refusedByLimit(deps, user);
  if (refusal !== null) return refusal;
  return (await deps.runs.startAgain(value, { requester: user, channel, thread })) === null ? unknownRun : null;
}

const unknownRun = rich`This run is not known any more: ask for a new diagnosis.`;
