import type { Screens } from '../model/thread.ts';
import { diagnoseDialog, filledWith, type DialogDeps } from './dialogs.ts';
import type { RunSurface } from '../runs/surface.ts';
import type { Shortcut } from '../model/slack-delivery.ts';

export const diagnoseShortcut = 'diagnose_message';

/** Opens the dialog with the target that the message names. Never rejects. */
export async function handleShortcut(
  deps: DialogDeps & {
    readonly runs: Pick<RunSurface, 'mentioned'>;
    readonly screens: Screens;
    readonly warn: (what: string, error: unknown) => void;
  },
  { callback, channel, trigger, parts }: Shortcut,
): Promise<void> {
  if (callback !== diagnoseShortcut) return;
  try {
    const target = deps.runs.mentioned(parts);
    await deps.screens.open(trigger, diagnoseDialog(deps, channel, target ? filledWith(target) : {}));
  } catch (error) {
    deps.warn('the dialog of a shortcut could not be opened', error);
  }
}
