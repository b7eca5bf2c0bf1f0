import { steps } from '../../model/steps.ts';
import type { MessageContent } from '../../model/thread.ts';
import type { StepStatus } from '../../model/verdict.ts';
import { message, section } from './blocks.ts';
import { bold, clip, italic, rich, type Rich } from './rich.ts';
import type { RunState } from './run-state.ts';

const marks: Readonly<Record<StepStatus, Rich>> = {
  pass: rich`:white_check_mark:`,
  fail: rich`:x:`,
  inconclusive: rich`:grey_question:`,
  skipped: rich`:heavy_minus_sign:`,
};
const summaryCharacters = 220;

/** Every step in one message, each line edited as it settles. */
export function stepsMessage(state: RunState): MessageContent {
  const ended = isEnded(state);
  const lines = steps.flatMap(({ id, title }) => {
    const step = state.settled.get(id);
    if (step)
      return [rich`${marks[step.status]} ${bold(clip(step.title, 200))}  ${clip(step.summary, summaryCharacters)}`];
    return ended ? [] : [rich`:hourglass_flowing_sand: ${title}`];
  });
  const looked = `${state.settled.size} of ${steps.length} steps`;
  return message(
    looked,
    lines.length === 0 ? [[section(italic('No step ran.'))]] : lines.map((line) => [section(line)]),
  );
}

function isEnded({ verdict, failure, cancelledBy }: RunState): boolean {
  return verdict !== null || failure !== null || cancelledBy !== null;
}
