import type { Button } from './blocks.ts';

/** Ids of the buttons: what a click says. Values are ids of plans and runs, and nothing else. */
export const buttonIds = {
  approve: 'approve_fix',
  reject: 'reject_fix',
  rollback: 'rollback_fix',
  recheck: 'recheck',
  cancel: 'cancel_run',
} as const;

export function recheckButton(run: string): Button {
  return { action: buttonIds.recheck, label: 'Re-check', value: run };
}

export function cancelButton(run: string): Button {
  return { action: buttonIds.cancel, label: 'Cancel', value: run };
}
