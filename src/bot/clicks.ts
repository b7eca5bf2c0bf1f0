/** What a click on a button does. */
import type { Approver } from '../model/approval.ts';
import type { KnownClusters } from '../model/known-clusters.ts';
import type { PlanRecord } from '../model/fix.ts';
import type { Seals } from '../model/seal.ts';
import type { Screens, Whisper } from '../model/thread.ts';
import type { AttentionWord } from '../runs/surface.ts';
import type { NoDecision, PlanSurface } from '../plans/surface.ts';
import { forPlan, mayApprove } from './authorise.ts';
import { cancelFor, type CancelDeps } from './cancel.ts';
import { diagnoseDialog, filledWith } from './dialogs.ts';
import { createMessageBook } from './message-book.ts';
import { sendEvidenceFiles, type EvidenceFilesDeps } from './evidence-files.ts';
import { refusedByLimit, type PersonLimitDeps } from './person-limit.ts';
import { usualSnoozeMinutes } from './thread-grammar.ts';
import { answerText, askApproversButton, failureText, noAlert } from './render/answers.ts';
import type { Button } from './render/blocks.ts';
import { buttonIds } from './render/buttons.ts';
import { evidenceView } from './render/evidence-view.ts';
import { otherNode } from './render/other-node.ts';
import { orderWords } from './render/plan-order.ts';
import { planView } from './render/plan-view.ts';
import { runState } from './render/run-state.ts';
import { withGenuinePlans } from './genuine-plans.ts';
import { placeOf, type RunPlace } from './run-place.ts';
import { clip, nothing, person, rich, wordsWithPeople, type Rich } from './render/rich.ts';
import type { Click } from '../model/slack-delivery.ts';

export interface ClickDeps extends CancelDeps, PersonLimitDeps, Omit<EvidenceFilesDeps, 'store'> {
  readonly plans: PlanSurface;
  readonly whisper: Whisper;
  readonly screens: Screens;
  readonly seals: Seals;
  readonly clusters: KnownClusters;
}

/** What to tell the person alone. */
interface Answer {
  readonly text: Rich;
  readonly buttons?: readonly Button[];
}

const onceSeconds = 3600;

/** Never rejects: what went wrong is told to the person who clicked. */
export async function handleClick(deps: ClickDeps, click: Click): Promise<void> {
  const say = ({ text, buttons = [] }: Answer) =>
    deps.whisper
      .whisper(click, answerText(text, ...buttons))
      .catch((error: unknown) => deps.warn(`${click.user} could not be answered`, error));
  try {
    if (!(await deps.store.once(`click.${click.at}.${click.user}.${click.action}.${click.value}`, onceSeconds))) return;
    const answer = await answerOf(deps, click);
    if (answer !== null) await say(answer);
  } catch (error) {
    deps.warn(`the click ${click.action} ${click.value} could not be handled`, error);
    await say({ text: failureText(error, 'Not done') });
  }
}

/** @returns what to tell the person, or null where the thread or a dialog says it. */
async function answerOf(deps: ClickDeps, click: Click): Promise<Answer | null> {
  const act = others.get(click.action);
  if (act) return inWords(await act(deps, click));
  const decide = decisions.get(click.action);
  if (!decide) return null;
  const asked = forPlan(deps, (await deps.plans.show(click.value))?.plan ?? null);
  const permission = await mayApprove(asked, click.user);
  if (!permission.allowed) {
    const why = wordsWithPeople(permission.why);
    if (permission.retry) return { text: rich`:warning: Not decided: ${why}. Retry.` };
    const text = rich`:lock: You cannot decide about this fix: ${why}.`;
    return asked.approvers.length > 0 ? { text, buttons: [askApproversButton(click.value)] } : { text };
  }
  const text = (await misplaced(deps, click)) ?? (await decide(deps, click));
  return text === firstOfTwo ? { text, buttons: [askApproversButton(click.value)] } : inWords(text);
}

function inWords(text: Rich | null): Answer | null {
  return text === null ? null : { text };
}

type Act = (deps: ClickDeps, click: Click) => Promise<Rich | null>;

const others: ReadonlyMap<string, Act> = new Map([
  [buttonIds.recheck, (deps, click) => recheck(deps, click, null)],
  [buttonIds.fromNode, tryFromNode],
  [buttonIds.wait, waitForTraffic],
  [buttonIds.cancel, (deps, { value, user }) => cancelFor(deps, value, user)],
  [buttonIds.evidence, showEvidence],
  [buttonIds.files, sendEvidence],
  [buttonIds.review, review],
  [buttonIds.askApprovers, askApprovers],
  [buttonIds.acknowledge, (deps, click) => attend(deps, click, 'acknowledged')],
  [buttonIds.snooze, (deps, click) => attend(deps, click, 'snoozed')],
  [buttonIds.mute, (deps, click) => attend(deps, click, 'muted')],
  [buttonIds.unmute, (deps, click) => attend(deps, click, 'unmuted')],
] satisfies readonly (readonly [string, Act])[]);

const decisions: ReadonlyMap<string, Act> = new Map([
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

const unknownFix = rich`This fix is no longer stored, or a newer version made it. Run the diagnosis again.`;

function approverOf({ user, channel, thread, message, at }: Click): Approver {
  return { name: user, via: { kind: 'slack', channel, thread, message, click: at } };
}

async function approve(deps: ClickDeps, click: Click): Promise<Rich | null> {
  const decision = await deps.plans.approve(click.value, approverOf(click));
  if (decision.decided === 'first') return firstOfTwo;
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

const firstOfTwo = rich`Your approval is kept. Nothing is applied until another person approves this fix, too.`;

function undecided(decision: NoDecision): Rich {
  if (decision.decided === 'unknown-plan') return unknownFix;
  return decision.decided === 'refused' ? rich`:lock: Not done: ${clip(decision.why, 500)}.` : taken(decision.record);
}

function taken({ state, approver, reason }: PlanRecord): Rich {
  const by = approver ? rich` (approved by ${person(approver)})` : nothing;
  return rich`Already decided: ${state}${by}${reason ? rich`, ${clip(reason, 500)}` : nothing}.`;
}

async function recheck(
  deps: ClickDeps,
  { value, user, channel, thread }: Click,
  node: string | null,
): Promise<Rich | null> {
  if (!(await deps.runs.events(value)).some(({ type }) => type === 'started')) return unknownRun;
  const refusal = await refusedByLimit(deps, user);
  if (refusal !== null) return refusal;
  const change = node === null ? {} : { from: { kind: 'node', name: node } as const };
  const again = await deps.runs.startAgain(value, { requester: user, channel, thread, change });
  return again === null ? unknownRun : null;
}

async function tryFromNode(deps: ClickDeps, click: Click): Promise<Rich | null> {
  const verdict = (await deps.runs.events(click.value)).findLast((event) => event.type === 'verdict')?.verdict;
  const node = verdict ? otherNode(verdict) : null;
  return node === null
    ? rich`This run met no other node. Reply with the node: from node:NAME.`
    : recheck(deps, click, node);
}

/** Asks for the client, whose packets are waited for. */
async function waitForTraffic({ runs, screens, clusters }: ClickDeps, click: Click): Promise<Rich | null> {
  const started = (await runs.events(click.value)).find((event) => event.type === 'started');
  if (!started) return unknownRun;
  const filled = { ...filledWith(started.target), wait: '60' };
  await screens.open(click.trigger, diagnoseDialog({ clusters }, click.channel, filled));
  return null;
}

const unknownRun = rich`This run is no longer stored. Ask for a new diagnosis.`;

/** A run as it is told, and where; null: it is told nowhere. */
async function told(deps: ClickDeps, run: string) {
  const events = withGenuinePlans(run, await deps.runs.events(run), deps.seals);
  const [state, place] = [runState(run, events), await placeOf(run, events, createMessageBook(deps.store))];
  return state && place && { state, place };
}

/** What a dialog carries: where the run is told. */
function carried({ channel, thread }: RunPlace, { message }: Pick<Click, 'message'>): string {
  return JSON.stringify({ channel, thread: thread ?? '', message });
}

async function attend(deps: ClickDeps, { value, user }: Click, what: AttentionWord): Promise<Rich | null> {
  const minutes = what === 'snoozed' ? { minutes: usualSnoozeMinutes } : {};
  return (await deps.runs.attend(value, { what, by: user, ...minutes })) ? null : noAlert;
}

async function showEvidence(deps: ClickDeps, click: Click): Promise<Rich | null> {
  const run = await told(deps, click.value);
  if (!run) return unknownRun;
  await deps.screens.open(click.trigger, evidenceView(run.state, carried(run.place, click)));
  return null;
}

async function sendEvidence(deps: ClickDeps, { value }: Click): Promise<Rich | null> {
  const run = await told(deps, value);
  const thread = run?.place.thread ?? null;
  if (!run || thread === null) return unknownRun;
  const { channel } = run.place;
  return (await sendEvidenceFiles(deps, run.state, { channel, thread }))
    ? null
    : rich`The files are in the thread already.`;
}

/** Everybody may read a plan; who submits its dialog decides, and is asked about then. */
async function review(deps: ClickDeps, click: Click): Promise<Rich | null> {
  const known = await deps.plans.show(click.value);
  if (!known) return unknownFix;
  const run = await told(deps, known.plan.run);
  const shown = run?.state.plans.find(({ record }) => record.plan.id === click.value);
  if (!run || !shown) return unknownFix;
  const metadata = JSON.stringify({ plan: click.value, ...JSON.parse(carried(run.place, click)) });
  await deps.screens.open(click.trigger, planView(shown, metadata, orderWords(shown, run.state)));
  return null;
}

async function askApprovers(deps: ClickDeps, { value, user }: Click): Promise<Rich | null> {
  const { approvers } = forPlan(deps, (await deps.plans.show(value))?.plan ?? null);
  const asked = await deps.plans.askApprovers(value, user, await deps.groups.ids(approvers));
  return asked ? null : rich`The approvers were asked already, or this fix no longer waits.`;
}
