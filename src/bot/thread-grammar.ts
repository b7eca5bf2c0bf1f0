/** What people reply in the thread of a diagnosis. */
import { parsePort, parseSource } from '../model/target-grammar.ts';
import type { AttentionWord } from '../runs/surface.ts';
import type { Target } from '../model/target.ts';

export type Reply =
  /** The same again; what is given here is asked in another way. */
  | { readonly verb: 'again'; readonly change: Partial<Pick<Target, 'from' | 'port'>> }
  | { readonly verb: 'why' }
  /** To an alert. `minutes`: of a snooze. */
  | { readonly verb: 'attend'; readonly what: AttentionWord; readonly minutes?: number }
  | { readonly verb: 'cancel' };

const attentions = new Map<string, AttentionWord>([
  ['ack', 'acknowledged'],
  ['acknowledge', 'acknowledged'],
  ['snooze', 'snoozed'],
  ['mute', 'muted'],
  ['unmute', 'unmuted'],
]);
export const usualSnoozeMinutes = 60;
const longestSnoozeMinutes = 1440;

const words = new Map<string, 'again' | 'why' | 'cancel'>([
  ['again', 'again'],
  ['retry', 'again'],
  ['re-check', 'again'],
  ['recheck', 'again'],
  ['why', 'why'],
  ['evidence', 'why'],
  ['cancel', 'cancel'],
  ['stop', 'cancel'],
]);
const longest = 300;

/** Returns what a reply asks for; null: it is not one of these, and may be for other people. */
export function parseReply(text: string): Reply | null {
  if (text.length > longest) return null;
  const [first = '', ...rest] = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const word = first.toLowerCase().replace(/[?.!]$/, '');
  const what = attentions.get(word);
  if (what !== undefined) return attention(what, rest);
  const verb = words.get(word);
  if (verb === 'again') return changed(rest);
  if (verb !== undefined) return rest.length === 0 ? { verb } : null;
  return first === 'from' || first === 'port' ? changed([first, ...rest]) : null;
}

function attention(what: AttentionWord, [time, ...more]: readonly string[]): Reply | null {
  if (what !== 'snoozed') return time === undefined ? { verb: 'attend', what } : null;
  if (time === undefined) return { verb: 'attend', what, minutes: usualSnoozeMinutes };
  const [, digits = '', unit = 'm'] = /^(\d{1,4})(m|min|h)?$/.exec(time) ?? [];
  const minutes = Number(digits) * (unit === 'h' ? 60 : 1);
  return more.length === 0 && minutes >= 1 && minutes <= longestSnoozeMinutes
    ? { verb: 'attend', what, minutes }
    : null;
}

function changed(given: readonly string[]): Reply | null {
  let change: Partial<Pick<Target, 'from' | 'port'>> = {};
  for (let index = 0; index < given.length; index += 2) {
    const value = given[index + 1] ?? '';
    if (given[index] === 'from') {
      // In a thread people write the kind as kubectl does: node/NAME.
      const from = parseSource(value.replace(/^(node|outside)\//, '$1:'));
      if (!from.ok) return null;
      change = { ...change, from: from.value };
    } else if (given[index] === 'port') {
      const port = parsePort(value);
      if (!port.ok) return null;
      change = { ...change, port: port.value };
    } else return null;
  }
  return { verb: 'again', change };
}
