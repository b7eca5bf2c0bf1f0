/** What a click on a button does. */
import { ulid } from 'ulid';
import { diagnosisJob, fixJob } from '../jobs/catalogue.ts';
import type { PlanRecord } from '../model/fix.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { Whisper } from '../model/thread.ts';
import { mayApprove, type AuthoriseDeps } from './authorise.ts';
import { refusedByLimit, type PersonLimitDeps } from './person-limit.ts';
import { answerText } from './render/answers.ts';
import { buttonIds } from './render/buttons.ts';
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
  /** The same for every delivery of one click. */
  readonly at: string;
}

/** `taken`: somebody else decided before. */
export type PlanDecision = { readonly decided: 'yes' | 'taken'; readonly record: PlanRecord } | { readonly decided: 'unknown-plan' };

export interface ClickDeps extends AuthoriseDeps, PersonLimitDeps {
  readonly queues: JobQueues;
  readonly whisper: Whisper;
  readonly approve: (plan: string, by: string) => Promise<PlanDecision>;
  readonly reject: (plan: string, by: string) => Promise<PlanDecision>;
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
    await say(rich`:warning: I cannot do this just now: my store or queue does not answer. Try again in a minute.`);
  }
}

/** @returns what to tell the person, or null where the thread says it. */
async function answerOf(deps: ClickDeps, click: Click): Promise<Rich | null> {
  if (click.action === buttonIds.recheck) return recheck(deps, click);
  if (click.action !== buttonIds.approve && click.action !== buttonIds.reject) return null;
  const permission = await mayApprove(deps, click.user);
  if (!permission.allowed) return rich`:lock: You cannot decide about this fix: ${wordsWithPeople(permission.why)}.`;
  return click.action === buttonIds.approve ? approve(deps, click) : decline(deps, click);
}

async function approve(deps: ClickDeps, { value, user }: Click): Promise<Rich | null> {
  const decision = await deps.approve(value, user);
  if (decision.decided === 'unknown-plan') return rich`This fix is not known any more: diagnose again for a fresh one.`;
  const { state, approver } = decision.record;
  // Also after somebody else's approval whose job did not get into the queue: adding a job twice is once.
  if (state === 'approved') await deps.queues.add(fixJob({ plan: value, action: 'apply', by: approver ?? user }));
  return decision.decided === 'yes' || state === 'approved' ? null : taken(decision.record);
}

async function decline(deps: ClickDeps, { value, user }: Click): Promise<Rich | null> {
  const decision = await deps.reject(value, user);
  if (decision.decided === 'unknown-plan') return rich`This fix is not known any more.`;
  return decision.decided === 'yes' ? null : taken(decision.record);
}

function taken({ state, approver, reason }: PlanRecord): Rich {
  return rich`It is decided already: ${state}${approver ? rich` (approved by ${person(approver)})` : nothing}${reason ? rich`, ${clip(reason, 500)}` : nothing}.`;
}

async function recheck(deps: ClickDeps, { value, user, channel, thread }: Click): Promise<Rich | null> {
  const started = (await deps.store.events(value)).find((event) => event.type === 'started');
  if (!started) return rich`This run is not known any more: ask for a new diagnosis.`;
  const refusal = await refusedByLimit(deps, user);
  if (refusal !== null) return refusal;
  await deps.queues.add(diagnosisJob({ run: `r-${ulid()}`, target: started.target, requester: user, origin: { kind: 'recheck', channel, thread, joins: value }, alert: null }));
  return null;
}
