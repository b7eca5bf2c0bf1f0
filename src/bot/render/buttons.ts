import type { Button } from './blocks.ts';

/** Ids of the buttons: what a click says. Values are ids of plans and runs, and nothing else. */
export const buttonIds = {
  approve: 'approve_fix',
  reject: 'reject_fix',
  rollback: 'rollback_fix',
  review: 'review_fix',
  askApprovers: 'ask_approvers',
  evidence: 'show_evidence',
  files: 'send_evidence',
  recheck: 'recheck',
  fromNode: 'recheck_from_node',
  wait: 'wait_for_traffic',
  cancel: 'cancel_run',
  acknowledge: 'acknowledge_alert',
  snooze: 'snooze_alert',
  mute: 'mute_alert',
  unmute: 'unmute_alert',
} as const;

export function recheckButton(run: string): Button {
  return { action: buttonIds.recheck, label: 'Re-check', value: run };
}

/** For a run that did not end with an answer. */
export function retryButton(run: string): Button {
  return { action: buttonIds.recheck, label: 'Retry', value: run, style: 'primary' };
}

export function cancelButton(run: string): Button {
  return { action: buttonIds.cancel, label: 'Cancel', value: run };
}

export function evidenceButton(run: string): Button {
  return { action: buttonIds.evidence, label: 'Evidence', value: run };
}
