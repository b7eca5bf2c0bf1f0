/** What the thread of a run should hold, from its events alone. */
import type { CleanEvent } from '../../model/runs.ts';
import type { MessageContent } from '../../model/thread.ts';
import { createHash } from 'node:crypto';
import { oneLine } from '../../model/plain-text.ts';
import { message, section } from './blocks.ts';
import { findingFile, findingMessage } from './finding-message.ts';
import { parentMessage } from './parent-message.ts';
import { planMessage } from './plan-message.ts';
import { clip, clockTime, italic, rich } from './rich.ts';
import { findingKey, runState, type FollowUp, type LaterLook, type RunState } from './run-state.ts';
import { stepsMessage } from './steps-message.ts';

export interface RunMessage {
  /**
   * Names the message within the run, for ever: `parent`, `steps`, `finding.…`, `plan.…`, `follow-up.…`, `resolved`.
   */
  readonly part: string;
  readonly content: MessageContent;
  /** To be shared once after the message: what it has no room for. */
  readonly file: { readonly name: string; readonly title: string; readonly content: string } | null;
}

/**
 * The messages in the order in which they are to be posted; none before the run has started. The first is the parent.
 */
export function runMessages(
  run: string,
  events: readonly CleanEvent[],
  recheck: LaterLook | null = null,
): readonly RunMessage[] {
  const state = runState(run, events, recheck);
  if (!state) return [];
  return [
    simple('parent', parentMessage(state)),
    ...(state.failure ? [] : [simple('steps', stepsMessage(state))]),
    ...findingMessages(state),
    ...state.plans.map((plan) => simple(`plan.${plan.record.plan.id}`, planMessage(plan))),
    ...state.followUps
      .filter(({ changed }) => changed !== null)
      .map((look) => simple(`follow-up.${Date.parse(look.at)}`, followUpMessage(look))),
    ...(state.resolvedAt
      ? [
          simple(
            'resolved',
            message('The alert resolved', [
              [section(rich`:white_check_mark: The alert resolved at ${clockTime(state.resolvedAt)}.`)],
            ]),
          ),
        ]
      : []),
  ];
}

function findingMessages(state: RunState): readonly RunMessage[] {
  return state.findings.map((shown) => {
    const id = createHash('sha256').update(findingKey(shown.finding)).digest('hex').slice(0, 12);
    const file = state.verdict && !shown.withdrawn ? findingFile(shown.finding) : null;
    return {
      part: `finding.${id}`,
      content: findingMessage(shown, state.run),
      file:
        file === null
          ? null
          : { name: `${shown.finding.rule}.txt`, title: oneLine(`Evidence: ${shown.finding.title}`), content: file },
    };
  });
}

function followUpMessage({ minutes, verdict, changed, at }: FollowUp): MessageContent {
  const mark = verdict.verdict === 'healthy' ? rich`:large_green_circle:` : rich`:eyes:`;
  const text = changed ?? '';
  const checked = rich`checked ${minutes} min after the first verdict, at ${clockTime(at)}`;
  return message(text, [[section(rich`${mark} ${clip(text, 2000)}\n${italic(checked)}`)]]);
}

function simple(part: string, content: MessageContent): RunMessage {
  return { part, content, file: null };
}
