/** Dialogs, the Home tab and private answers in the oldest blocks, where Slack refuses the newer ones. */
import type { Screens, ScreenView, Whisper } from '../model/thread.ts';
import { answerForms, inTurn } from './older-forms.ts';
import { plainBlocks } from './render/plain-blocks.ts';

type Warn = (what: string, error: unknown) => void;

function screenForms(view: ScreenView): readonly ScreenView[] {
  return [view, { ...view, blocks: plainBlocks({ text: '', blocks: view.blocks }).blocks }];
}

/** Returns the same screens, which show plain blocks where Slack refuses rich text. */
export function plainScreens(screens: Screens, warn: Warn): Screens {
  return {
    open: (trigger, view) =>
      inTurn(
        screenForms(view),
        (form) => screens.open(trigger, form),
        (error) => warn('a dialog was refused', error),
      ),
    publish: (user, view) =>
      inTurn(
        screenForms(view),
        (form) => screens.publish(user, form),
        (error) => warn(`the Home tab of ${user} was refused`, error),
      ),
  };
}

/** Returns the same whisper, which says it in plain blocks, or as text, where Slack refuses rich text. */
export function plainWhisper(whisper: Whisper, warn: Warn): Whisper {
  return {
    whisper: (to, content) =>
      inTurn(
        answerForms(content),
        (form) => whisper.whisper(to, form),
        (error) => warn(`an answer to ${to.user} was refused`, error),
      ),
  };
}
