/** What the thread of a run should hold, from its events alone. */
import { callsAs } from '../../model/approval.ts';
import type { CleanEvent } from '../../model/runs.ts';
import type { MessageContent } from '../../model/thread.ts';
import { approvalWantedMessage, planUnreadMessage } from './answers.ts';
import { inStormMessage, resolvedMessage, victimsMessage } from './alert-message.ts';
import { calledMessage } from './attention-blocks.ts';
import { message, section } from './blocks.ts';
import { parentMessage } from './parent-message.ts';
import { orderWords } from './plan-order.ts';
import { outcomeMessage, planMessage } from './plan-message.ts';
import { podOf } from './names.ts';
import { bold, clip, clockTime, italic, rich, words } from './rich.ts';
import { runState, type FollowUp, type LaterLook, type RunState, type ShownPlan } from './run-state.ts';
import { stepsMessage } from './steps-message.ts';

export interface RunMessage {
  /**
   * Names the message within the run, for ever: `parent`, `steps`, `plan.…`, `waits.…`, `wanted.…`, `outcome.…`,
   * `unread.…`, `follow-up.…`, `called`, `victims`, `resolved`.
   */
  readonly part: string;
  readonly content: MessageContent;
}

/**
 * The messages in the order in which they are to be posted; none before the run has started. The first is the parent.
 * @param now after which time a plan that nobody decided about is shown as expired; null: it is not asked
 */
export function runMessages(
  run: string,
  events: readonly CleanEvent[],
  recheck: LaterLook | null = null,
  now: Date | null = null,
): readonly RunMessage[] {
  const told = runState(run, events, recheck);
  if (!told) return [];
  if (told.isInStorm) return [{ part: 'parent', content: inStormMessage(told) }];
  const state: RunState = { ...told, plans: told.plans.map((plan) => expiredAt(plan, now)) };
  return [
    { part: 'parent', content: parentMessage(state) },
    // Posted with its first line: an edit of a post has to wait.
    ...(state.failure || (state.settled.size === 0 && state.verdict === null)
      ? []
      : [{ part: 'steps', content: stepsMessage(state) }]),
    ...state.plans.map((plan) => ({
      part: `plan.${plan.record.plan.id}`,
      content: planMessage(plan, { alert: state.alerts[0]?.name ?? null, order: orderWords(plan, state) }),
    })),
    ...state.wanted.flatMap(({ plan, by, approvers }) => {
      const shown = state.plans.find(({ record }) => record.plan.id === plan);
      return shown
        ? [
            {
              part: `${by === callsAs ? 'waits' : 'wanted'}.${plan}`,
              content: approvalWantedMessage(shown, by, approvers),
            },
          ]
        : [];
    }),
    ...state.plans.flatMap((shown) =>
      hasOutcome(shown)
        ? [{ part: `outcome.${shown.record.plan.id}.${shown.record.state}`, content: outcomeMessage(shown) }]
        : [],
    ),
    ...state.unread.map((one) => ({ part: `unread.${one.action}.${one.plan}`, content: planUnreadMessage(one) })),
    ...state.followUps
      .filter(({ changed }) => changed !== null)
      .map((look) => ({ part: `follow-up.${Date.parse(look.at)}`, content: followUpMessage(state, look) })),
    ...(state.called ? [{ part: 'called', content: calledMessage(state, state.called) }] : []),
    ...(state.victims.length > 0 ? [{ part: 'victims', content: victimsMessage(state) }] : []),
    ...(state.resolvedAt === null ? [] : [{ part: 'resolved', content: resolvedMessage(state, state.resolvedAt) }]),
  ];
}

/** A button that does nothing any more is worse than none. */
function expiredAt(shown: ShownPlan, now: Date | null): ShownPlan {
  const { record } = shown;
  const { expiresAt } = record.plan;
  if (now === null || record.state !== 'proposed' || now.getTime() < Date.parse(expiresAt)) return shown;
  return {
    record: { ...record, state: 'expired' },
    note: 'Nobody decided in time, and nothing was changed. Run the diagnosis again for a new plan.',
    at: expiresAt,
  };
}

/** Somebody approved it, and it is over. */
function hasOutcome({ record: { state, approver } }: ShownPlan): boolean {
  return approver !== null && ['verified', 'rolled-back', 'failed', 'refused'].includes(state);
}

function followUpMessage({ target }: RunState, { minutes, verdict, changed, at }: FollowUp): MessageContent {
  const mark = verdict.verdict === 'healthy' ? rich`:large_green_circle:` : rich`:eyes:`;
  const text = rich`${bold(podOf(target))}: ${clip(changed ?? '', 600)}`;
  const checked = rich`checked ${minutes} min after the first verdict, at ${clockTime(at)}`;
  return message(words(text), [[section(rich`${mark} ${text}\n${italic(checked)}`)]]);
}
