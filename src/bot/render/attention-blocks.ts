/** What people said to an alert, with the buttons to say it, and the mention of those on call. */
import { firingVictims } from '../../model/alert-life.ts';
import type { CleanEventOf } from '../../model/runs.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { actions, context, message, section, type Button } from './blocks.ts';
import { buttonIds } from './buttons.ts';
import { podOf } from './names.ts';
import { bold, clipWords, clockTime, join, nothing, person, rich, words, type Rich } from './rich.ts';
import type { RunState } from './run-state.ts';
import { shortVerdict } from './verdict-words.ts';

/** For an alert that fires; nothing for any other run. */
export function attentionBlocks(state: RunState): readonly MessageBlock[] {
  const { alerts, resolvedAt, run, attention } = state;
  if (alerts.length === 0 || resolvedAt !== null) return [];
  const { acknowledgedBy, mutedBy, snoozed } = attention;
  const said: readonly Rich[] = [
    ...(acknowledgedBy === null ? [] : [rich`acknowledged by ${person(acknowledgedBy)}`]),
    ...(mutedBy === null ? [] : [rich`muted by ${person(mutedBy)}`]),
    ...(snoozed === null ? [] : [rich`snoozed until ${clockTime(snoozed.until)} by ${person(snoozed.by)}`]),
  ];
  const buttons: readonly Button[] = [
    ...(acknowledgedBy === null ? [{ action: buttonIds.acknowledge, label: 'Acknowledge', value: run }] : []),
    { action: buttonIds.snooze, label: 'Snooze 1 h', value: run },
    mutedBy === null
      ? { action: buttonIds.mute, label: 'Mute', value: run }
      : { action: buttonIds.unmute, label: 'Unmute', value: run },
  ];
  return [...(said.length > 0 ? [context(join(said, rich` · `))] : []), actions(...buttons)];
}

/** Calls those on call, once a run. */
export function calledMessage(
  { target, verdict, followUps, victims }: RunState,
  { people, minutes }: CleanEventOf<'called'>,
): MessageContent {
  const now = followUps.at(-1)?.verdict ?? verdict;
  const holds = now === null ? rich`${bold(podOf(target))}: still no verdict` : clipWords(shortVerdict(now), 24);
  const wish = rich`${join(people.slice(0, 5).map(person), rich` `)} ${minutes} min after the first verdict: ${holds}.`;
  const firing = firingVictims(victims);
  const others = firing === 0 ? nothing : rich` ${firing} of ${victims.length} other targets still fire.`;
  const answer = rich`Reply ack, snooze 1h or mute.`;
  return message(words(wish), [[section(rich`:mega: ${wish}${others}\n${answer}`)]]);
}
