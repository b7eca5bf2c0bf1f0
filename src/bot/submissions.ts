/** What a submitted dialog does. */
import { z } from 'zod';
import { handleClick, type ClickDeps } from './clicks.ts';
import type { AskWorkerDeps } from './ask-worker.ts';
import { dialogPlace, submitDiagnosis, type DialogDeps } from './dialogs.ts';
import { submitQuestion } from './question-dialogs.ts';
import { answerText } from './render/answers.ts';
import { buttonIds } from './render/buttons.ts';
import { diagnoseCallback } from './render/diagnose-view.ts';
import { nodeCallback, policyCallback } from './render/question-views.ts';
import { reviewView } from './render/plan-view.ts';
import type { Rich } from './render/rich.ts';
import type { Submission } from '../model/slack-delivery.ts';

const reviewed = z.object({ plan: z.string(), channel: z.string(), thread: z.string(), message: z.string() });
const onceSeconds = 3600;

/** @returns what is wrong, by field; null: it was taken */
export async function handleSubmission(
  deps: ClickDeps & DialogDeps & AskWorkerDeps,
  { callback, metadata, user, view, typed }: Submission,
): Promise<Readonly<Record<string, string>> | null> {
  const question = questions.get(callback);
  try {
    const isFirst = () => deps.store.once(`submission.${view}`, onceSeconds);
    const submitted = { user, typed, place: metadata, isFirst };
    if (callback === diagnoseCallback) return await submitDiagnosis(deps, submitted);
    if (question) {
      const told = await submitQuestion(deps, question, submitted);
      if ('problems' in told) return told.problems;
      if (told.said !== null) void tellAlone(deps, { user, ...dialogPlace(metadata) }, told.said);
      return null;
    }
    if (callback === reviewView) {
      const { plan, ...place } = reviewed.parse(JSON.parse(metadata));
      // What a click on the card's own button does, checked as that one.
      void handleClick(deps, { action: buttonIds.approve, value: plan, user, ...place, at: view, trigger: '' });
    }
    return null;
  } catch (error) {
    deps.warn(`the dialog ${callback} could not be taken up`, error);
    const notStarted = 'Not started: Redis does not answer. Try again in a minute.';
    if (callback === diagnoseCallback) return { pod: notStarted };
    return question ? { [question === 'node' ? 'node' : 'pod']: notStarted } : null;
  }
}

const questions = new Map<string, 'policy' | 'node'>([
  [policyCallback, 'policy'],
  [nodeCallback, 'node'],
]);

/** Never rejects. */
async function tellAlone(
  { whisper, warn }: Pick<ClickDeps, 'whisper' | 'warn'>,
  { user, channel }: { readonly user: string; readonly channel: string },
  said: Rich,
): Promise<void> {
  try {
    await whisper.whisper({ user, channel, thread: null }, answerText(said));
  } catch (error) {
    warn(`${user} could not be answered`, error);
  }
}
