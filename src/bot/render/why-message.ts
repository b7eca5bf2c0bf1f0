import type { MessageContent } from '../../model/thread.ts';
import { actions, message, section } from './blocks.ts';
import { evidenceButton } from './buttons.ts';
import { findingBlocks } from './evidence-view.ts';
import { rich } from './rich.ts';
import type { RunState } from './run-state.ts';
import { headline, shortVerdict } from './verdict-words.ts';

/** Why the verdict is as it is, for the person who asked: the causes with the lines that decide. */
export function whyMessage(state: RunState): MessageContent {
  const { verdict, findings, run } = state;
  const shown = findings.filter(({ withdrawn }) => !withdrawn);
  const causes = shown.filter(({ role }) => role === 'root' || role === 'open');
  const all = [actions(evidenceButton(run))];
  if (!verdict)
    return message('The diagnosis runs', [
      [section(rich`The diagnosis has no verdict yet.`)],
      ...causes.map(findingBlocks),
    ]);
  return message(shortVerdict(verdict), [
    [section(headline(verdict)), ...all],
    ...(causes.length > 0 ? causes : shown).slice(0, 3).map(findingBlocks),
  ]);
}
