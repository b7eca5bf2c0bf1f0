import type { Screens } from '../model/thread.ts';
import { diagnoseDialog, podIn, type DialogDeps } from './dialogs.ts';
import type { Shortcut } from '../model/slack-delivery.ts';

export const diagnoseShortcut = 'diagnose_message';

/** Opens the dialog with the pod that the message names. Never rejects. */
export async function handleShortcut(
  deps: DialogDeps & { readonly screens: Screens; readonly warn: (what: string, error: unknown) => void },
  { callback, channel, trigger, text }: Shortcut,
): Promise<void> {
  if (callback !== diagnoseShortcut) return;
  try {
    await deps.screens.open(trigger, diagnoseDialog(deps, { channel, pod: podIn(text) }));
  } catch (error) {
    deps.warn('the dialog of a shortcut could not be opened', error);
  }
}
