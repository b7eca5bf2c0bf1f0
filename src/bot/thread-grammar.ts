/** What people reply in the thread of a diagnosis. */
import { parseGoal, parseTarget, type FlowChange } from '../model/asked-flow.ts';
import { own } from '../model/own.ts';
import { parseFamily, parsePort, parseSource, parseWait, type Parsed } from '../model/target-grammar.ts';
import type { AttentionWord } from '../runs/surface.ts';

export type Reply =
  /** The same again; what is given here is asked in another way. */
  | { readonly verb: 'again'; readonly change: FlowChange }
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
  if (verb === 'again') return named(rest[0] ?? '', rest.slice(1)) ?? changed(rest);
  if (verb !== undefined) return rest.length === 0 ? { verb } : null;
  return own(options, first) === undefined ? named(first, rest) : changed([first, ...rest]);
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
  let change: FlowChange = {};
  for (let index = 0; index < given.length; index += 2) {
    const [option = '', value = ''] = given.slice(index, index + 2);
    const read = own(options, option);
    const part = read?.(value);
    if (!part || Object.keys(part).some((name) => name in change)) return null;
    change = { ...change, ...part };
  }
  return { verb: 'again', change };
}

/** In a thread people write the kind as kubectl does: node/NAME. */
const withColon = (value: string) =>
  value.replace(/^(node|outside|pod|svc|service|deploy|deployment|sts|ds)\/(?=[^/]{1,253}(?:\/|$))/, '$1:');

const options: Readonly<Record<string, (value: string) => FlowChange | null>> = {
  from: (value) => asChange(parseSource(withColon(value)), (from) => ({ from })),
  to: (value) => asChange(parseGoal(withColon(value)), (to) => ({ to })),
  port: (value) => asChange(parsePort(value), (port) => ({ port })),
  wait: (value) => asChange(parseWait(value), (wait) => ({ wait })),
  family: (value) => asChange(parseFamily(value), (family) => ({ family })),
};

function asChange<T>(parsed: Parsed<T>, change: (value: T) => FlowChange): FlowChange | null {
  return parsed.ok ? change(parsed.value) : null;
}

/** Another target, by its kind: bare words with a slash are too often for other people. */
function named(word: string, rest: readonly string[]): Reply | null {
  if (!/^[a-z]{2,20}:/.test(word)) return null;
  const target = parseTarget(word);
  const reply = changed(rest);
  return target.ok && reply?.verb === 'again'
    ? { verb: 'again', change: { ...reply.change, name: target.value } }
    : null;
}
