/** What a submitted dialog does. */
import { z } from 'zod';
import { handleClick, type ClickDeps } from './clicks.ts';
import { submitDiagnosis, type DialogDeps } from './dialogs.ts';
import { buttonIds } from './render/buttons.ts';
import { diagnoseCallback } from './render/diagnose-view.ts';
import { reviewView } from './render/plan-view.ts';
import type { Submission } from '../model/slack-delivery.ts';

const reviewed = z.object({ plan: z.string(), channel: z.string(), thread: z.string(), message: z.string() });
const onceSeconds = 3600;

/** @returns what is wrong, by field; null: it was taken */
export async function handleSubmission(
  deps: ClickDeps & DialogDeps,
  { callback, metadata, user, view, typed }: Submission,
): Promise<Readonly<Record<string, string>> | null> {
  try {
    if (callback === diagnoseCallback) {
      const isFirst = () => deps.store.once(`submission.${view}`, onceSeconds);
      return await submitDiagnosis(deps, { user, typed, place: metadata, isFirst });
    }
    if (callback === reviewView) {
      const { plan, ...place } = reviewed.parse(JSON.parse(metadata));
      // What a click on the card's own button does, checked as that one.
      void handleClick(deps, { action: buttonIds.approve, value: plan, user, ...place, at: view, trigger: '' });
    }
    return null;
  } catch (error) {
    deps.warn(`the dialog ${callback} could not be taken up`, error);
    return callback === diagnoseCallback ? { pod: 'Not started: Redis does not answer. Try again in a minute.' } : null;
  }
}
