/** The one message of a run in the channel: what runs, and at the end the verdict with what to do. */
import { steps } from '../../model/steps.ts';
import type { MessageContent } from '../../model/thread.ts';
import { alertBlocks, stormBlocks } from './alert-message.ts';
import { attentionBlocks } from './attention-blocks.ts';
import { actions, context, message, section } from './blocks.ts';
import { cancelButton, retryButton } from './buttons.ts';
import { flowOf, podOf } from './names.ts';
import { bold, clipWords, codeWords, nothing, person, rich, words, type Rich } from './rich.ts';
import type { RunState } from './run-state.ts';
import { verdictMessage } from './verdict-message.ts';

export function parentMessage(state: RunState): MessageContent {
  const { target, verdict, failure, cancelledBy } = state;
  const pod = podOf(target);
  const foot = [context(footLine(state))];
  const [alert, storm, attention] = [alertBlocks(state), stormBlocks(state), attentionBlocks(state)];
  if (verdict)
    return verdictMessage(state, verdict, { alert, storm, briefStorm: stormBlocks(state, true), attention, foot });
  const top = [...alert, ...storm, ...attention];
  const again = [actions(retryButton(state.run))];
  if (failure)
    return message(words(rich`${pod}: the diagnosis failed: ${failure.message}`), [
      top,
      [
        section(rich`:warning: ${bold(pod)}: ${clipWords(failure.message, 40)}\n${clipWords(failure.next, 30)}`),
        ...again,
      ],
      foot,
    ]);
  if (cancelledBy)
    return message(words(rich`${pod}: the diagnosis was cancelled`), [
      top,
      [section(rich`:black_square_for_stop: ${bold(pod)}: cancelled by ${person(cancelledBy)}`)],
      again,
      foot,
    ]);
  return message(words(rich`Checking ${pod}`), [
    top,
    [section(progress(state))],
    [actions(cancelButton(state.run))],
    foot,
  ]);
}

function progress({ target, settled, findings }: RunState): Rich {
  const running = steps.filter(({ id }) => !settled.has(id)).map(({ title }) => title);
  const now =
    running.length === 0
      ? 'Judging'
      : `Checking: ${running.slice(0, 2).join(' · ').toLowerCase()}${running.length > 2 ? ' …' : ''}`;
  const found =
    findings.length === 0
      ? nothing
      : rich`\nFound so far: ${clipWords(findings.map(({ finding }) => finding.title).join('; '), 50)}`;
  const done = `${settled.size} of ${steps.length} steps done`;
  return rich`:mag: ${bold(podOf(target))}${flowOf(target)}\n${now} (${done})${found}`;
}

function footLine({ requester, run, verdict, origin }: RunState): Rich {
  const took = verdict ? ` · ${(verdict.timings.totalMs / 1000).toFixed(1)} s` : '';
  const asked = origin.kind === 'recheck' ? 're-check asked' : 'asked';
  return rich`${asked} by ${person(requester)}${took} · ${codeWords(run)}`;
}
