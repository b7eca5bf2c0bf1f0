/** Dialogs, the Home tab and private answers in the oldest blocks, where Slack refuses the newer ones. */
import { ThreadError, type MessageContent, type Screens, type ScreenView, type Whisper } from '../model/thread.ts';
import { textOnly } from './render/blocks.ts';
import { plainBlocks } from './render/plain-blocks.ts';

type Warn = (what: string, error: unknown) => void;

/** Tries each in turn, while Slack refuses what it was given. @throws what the last one threw */
async function inTurn<T>(forms: readonly T[], act: (form: T) => Promise<void>, told: (error: unknown) => void) {
  for (const [at, form] of forms.entries()) {
    try {
      return await act(form);
    } catch (error) {
      const isLast = at === forms.length - 1;
      if (isLast || !(error instanceof ThreadError) || error.trouble !== 'refused') throw error;
      if (at === 0) told(error);
    }
  }
}

function screenForms(view: ScreenView): readonly ScreenView[] {
  return [view, { ...view, blocks: plainBlocks({ text: '', blocks: view.blocks }).blocks }];
}

function answerForms(content: MessageContent): readonly MessageContent[] {
  return [content, plainBlocks(content), textOnly(content)];
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
