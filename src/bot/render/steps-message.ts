import { steps } from '../../model/steps.ts';
import type { MessageContent } from '../../model/thread.ts';
import type { StepStatus } from '../../model/verdict.ts';
import { clip, escape, message, section } from './blocks.ts';
import type { RunState } from './run-state.ts';

const marks: Readonly<Record<StepStatus, string>> = { pass: ':white_check_mark:', fail: ':x:', inconclusive: ':grey_question:', skipped: ':heavy_minus_sign:' };
const summaryCharacters = 220;

/** Every step in one message, each line edited as it settles. */
export function stepsMessage(state: RunState): MessageContent {
  const ended = isEnded(state);
  const lines = steps.flatMap(({ id, title }) => {
    const step = state.settled.get(id);
    if (step) return [`${marks[step.status]} *${escape(step.title)}*  ${clip(escape(step.summary), summaryCharacters)}`];
    return ended ? [] : [`:hourglass_flowing_sand: ${escape(title)}`];
  });
  const looked = `${state.settled.size} of ${steps.length} steps`;
  return message(looked, lines.length === 0 ? [[section('_Nothing was looked at._')]] : lines.map((line) => [section(line)]));
}

export function isEnded({ verdict, failure, cancelledBy }: RunState): boolean {
  return verdict !== null || failure !== null || cancelledBy !== null;
}
