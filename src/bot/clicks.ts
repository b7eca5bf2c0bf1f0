/** What a click on a button does. */
import { ulid } from 'ulid';
import { applyJob, diagnosisJob, rollbackJob } from '../jobs/catalogue.ts';
import type { Approver, SignedApproval } from '../model/approval.ts';
import type { PlanRecord } from '../model/fix.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { Whisper } from '../model/thread.ts';
import { mayApprove, type AuthoriseDeps } from './authorise.ts';
import { createMessageBook } from './message-book.ts';
import { refusedByLimit, type PersonLimitDeps } from './person-limit.ts';
import { answerText } from './render/answers.ts';
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

/** `taken`: somebody else decided before. `refused`: it stays as it is. */
export type NoDecision =
  | { readonly decided: 'taken'; readonly record: PlanRecord }
  | { readonly decided: 'refused'; readonly why: string }
  | { readonly decided: 'unknown-plan' };
export type PlanDecision = NoDecision | { readonly decided: 'yes'; readonly record: PlanRecord };

export interface ClickDeps extends AuthoriseDeps, PersonLimitDeps {
  readonly queues: JobQueues;
  readonly whisper: Whisper;
  readonly approve: (plan: string, by: Approver) => Promise<PlanDecision>;
  readonly reject: (plan: string, by: string) => Promise<PlanDecision>;
  readonly rollback: (plan: string, by: Approver) => Promise<NoDecision | { readonly decided: 'yes'; readonly approval: SignedApproval }>;
}

const onceSeconds = 3600;

/** Never rejects: what went wrong is told to the person who clicked. */
export async function handleClick(deps: ClickDeps, click: Click): Promise<void> {
  const say = (text: Rich) => deps.whisper.whisper(click, answerText(text)).catch((error: unknown) => deps.warn(`${click.user} could not be answered`, error));
  try {
    if (!(await deps.store.once(`click.${click.at}.${click.user}.${click.action}.${click.value}`, onceSeconds))) return;
    const answer = await answerOf(deps, click);
    if (answer !== null) await say(answer);
  } catch (error) {
    deps.warn(`the click ${click.action} ${click.value} could not be handled`, error);
    await say(rich`:warning: Not done: my store or queue does not answer. Retry in a minute.`);
  }
}

/** @returns what to tell the person, or null where the thread says it. */
async function answerOf(deps: ClickDeps, click: Click): Promise<Rich | null> {
  if (click.action === buttonIds.recheck) return recheck(deps, click);
  const decide = decisions.get(click.action);
  if (!decide) return null;
  const permission = await mayApprove(deps, click.user);
  if (!permission.allowed) {
    const why = wordsWithPeople(permission.why);
    return permission.retry ? rich`:warning: Not decided: ${why}. Retry.` : rich`:lock: You cannot decide about this fix: ${why}.`;
  }
  return (await misplaced(deps, click)) ?? decide(deps, click);
}

const decisions: ReadonlyMap<string, (deps: ClickDeps, click: Click) => Promise<Rich | null>> = new Map([
  [buttonIds.approve, approve],
  [buttonIds.reject, decline],
  [buttonIds.rollback, rollBack],
]);

/** A click counts only in the thread in which the plan's run is told. */
async function misplaced({ store }: ClickDeps, { value, channel, thread }: Click): Promise<Rich | null> {
  const known = await store.plan(value);
  if (!known) return unknownFix;
  const { run } = known.plan;
  const place = await placeOf(run, await store.events(run), createMessageBook(store));
  if (place?.channel === channel && place.thread === thread) return null;
  return rich`:lock: This button is not in the thread of its diagnosis. Decide there, or run the diagnosis again.`;
}

const unknownFix = rich`This fix is no longer stored. Run the diagnosis again for a new one.`;

function approverOf({ user, channel, thread, message, at }: Click): Approver {
  return { name: user, via: { kind: 'slack', channel, thread, message, click: at } };
}

async function approve(deps: ClickDeps, click: Click): Promise<Rich | null> {
  const decision = await deps.approve(click.value, approverOf(click));
  if (decision.decided === 'unknown-plan' || decision.decided === 'refused') return undecided(decision);
  const { state, approval } = decision.record;
  // Also after somebody else's approval whose job did not get into the queue: adding a job twice is once.
  if (state === 'approved') await deps.queues.add(applyJob(click.value, approval));
  return decision.decided === 'yes' || state === 'approved' ? null : taken(decision.record);
}

async function decline(deps: ClickDeps, { value, user }: Click): Promise<Rich | null> {
  const decision = await deps.reject(value, user);
  return decision.decided === 'yes' ? null : undecided(decision);
}

async function rollBack(deps: ClickDeps, click: Click): Promise<Rich | null> {
  const decision = await deps.rollback(click.value, approverOf(click));
  if (decision.decided !== 'yes') return undecided(decision);
  await deps.queues.add(rollbackJob(decision.approval));
  return null;
}

function undecided(decision: NoDecision): Rich {
  if (decision.decided === 'unknown-plan') return unknownFix;
  return decision.decided === 'refused' ? rich`:lock: Not done: ${clip(decision.why, 500)}.` : taken(decision.record);
}

function taken({ state, approver, reason }: PlanRecord): Rich {
  return rich`Already decided: ${state}${approver ? rich` (approved by ${person(approver)})` : nothing}${reason ? rich`, ${clip(reason, 500)}` : nothing}.`;
}

async function recheck(deps: ClickDeps, { value, user, channel, thread }: Click): Promise<Rich | null> {
  const started = (await deps.store.events(value)).find((event) => event.type === 'started');
  if (!started) return rich`This run is no longer stored. Start a new diagnosis.`;
  const refusal = await refusedByLimit(deps, user);
  if (refusal !== null) return refusal;
  await deps.queues.add(diagnosisJob({ run: `r-${ulid()}`, target: started.target, requester: user, origin: { kind: 'recheck', channel, thread, joins: value }, alert: null }));
  return null;
}
