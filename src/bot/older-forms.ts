import { ThreadError, type MessageContent } from '../model/thread.ts';
import { textOnly } from './render/blocks.ts';
import { plainBlocks } from './render/plain-blocks.ts';

/** Returns a message as it is, in older blocks, and as text. */
export function answerForms(content: MessageContent): readonly MessageContent[] {
  return [content, plainBlocks(content), textOnly(content)];
}

/**
 * Tries each form in turn, while Slack refuses what it was given.
 * @param told of the first refusal
 * @throws what the last one threw
 */
export async function inTurn<F, T>(
  forms: readonly F[],
  act: (form: F) => Promise<T>,
  told: (error: unknown) => void,
): Promise<T> {
  for (const [at, form] of forms.entries()) {
    try {
      return await act(form);
    } catch (error) {
      const isLast = at === forms.length - 1;
      if (isLast || !(error instanceof ThreadError) || error.trouble !== 'refused') throw error;
      if (at === 0) told(error);
    }
  }
  throw new Error('there is no form of it');
}
