import { steps } from '../../model/steps.ts';
import type { MessageContent } from '../../model/thread.ts';
import type { SettledStep, StepStatus } from '../../model/verdict.ts';
import { message, section } from './blocks.ts';
import { bold, clip, clipWords, italic, nothing, rich, type Rich } from './rich.ts';
import type { RunState } from './run-state.ts';

const marks: Readonly<Record<StepStatus, Rich>> = {
  pass: rich`:white_check_mark:`,
  fail: rich`:x:`,
  inconclusive: rich`:grey_question:`,
  skipped: rich`:heavy_minus_sign:`,
};
const summaryWords = 12;

/** Every step in one message, each line edited as it settles. At the end only what is not as expected keeps words. */
export function stepsMessage(state: RunState): MessageContent {
  const ended = isEnded(state);
  const lines = steps.flatMap(({ id, title }) => {
    const step = state.settled.get(id);
    if (step) return [stepLine(step, ended)];
    return ended ? [] : [rich`:hourglass_flowing_sand: ${title}`];
  });
  const looked = `${state.settled.size} of ${steps.length} steps`;
  return message(
    looked,
    lines.length === 0 ? [[section(italic('No step ran.'))]] : lines.map((line) => [section(line)]),
  );
}

function stepLine({ status, title, summary }: SettledStep, ended: boolean): Rich {
  const short = ended && (status === 'pass' || status === 'skipped');
  const what = short ? nothing : rich`  ${clipWords(summary, summaryWords)}`;
  const name = clip(title, 60);
  return rich`${marks[status]} ${short ? name : bold(name)}${what}`;
}

function isEnded({ verdict, failure, cancelledBy }: RunState): boolean {
  return verdict !== null || failure !== null || cancelledBy !== null;
}
