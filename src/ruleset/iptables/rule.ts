import type { Match } from '../../model/ruleset/matches.ts';
import type { Counters, FilterRule } from '../../model/ruleset/rules.ts';
import { baseMatch, matchesOf } from './matches.ts';
import { actionsOf } from './targets.ts';
import { oneLine } from '../text/quoted-text.ts';
import { groupOptions } from './rule-tokens.ts';

const none: readonly string[] = [];

/**
 * Parses one rule's line, `[3:180] -A FORWARD …`. A line that iptables did not print becomes an unknown rule: a packet
 * may match it, with an unknown result.
 * @param index 1-based place in its chain
 */
export function parseRuleLine(line: string, index: number, isChain: (name: string) => boolean): FilterRule {
  const written = line.slice(ruleStart(line));
  const grouped = groupOptions(written);
  const text = oneLine(written);
  const rule = grouped && text !== written ? groupOptions(text) : grouped;
  const counters = lineCounters(line);
  if (!rule) {
    const why = 'the line is not a rule as iptables prints one: what it says cannot be trusted';
    return {
      text,
      index,
      counters,
      comments: none,
      tag: null,
      matches: [...leadingMatchesOf(line), { kind: 'unknown', negated: false, text, why }],
      actions: [{ kind: 'unknown', text, why }],
      handle: null,
    };
  }
  const said = rule.groups.filter(({ module }) => module === 'comment');
  const comments =
    said.length === 0 ? none : exact(said.flatMap(({ options }) => options.map(({ args }) => args[0] ?? '')));
  return {
    text,
    index,
    counters,
    comments,
    tag: comments.find((comment) => /^cali:[A-Za-z0-9_-]{16}$/.test(comment))?.slice(5) ?? null,
    matches: exact(rule.groups.flatMap(matchesOf)),
    actions: actionsOf(rule.target, isChain),
    handle: null,
  };
}

/** A list that grew keeps room for more. The lists of thousands of rules must have just their size. */
function exact<Item>(grown: readonly Item[]): readonly Item[] {
  return grown.slice();
}

/**
 * Returns the conditions at the start of a rule's line: a save prints addresses, interfaces and the protocol first,
 * each with one argument. Reads nothing in a line that a quoted line end joins to others, since it may be wrong.
 */
export function leadingMatchesOf(line: string): readonly Match[] {
  const found: Match[] = [];
  let at = line.indexOf(' ', ruleStart(line) + 3);
  if (at === -1 || line.includes('\n')) return found;
  while (at < line.length) {
    const start = at + 1;
    const negated = line.startsWith('! ', start);
    const dash = negated ? start + 2 : start;
    if (
      line.charCodeAt(dash) !== 0x2d ||
      line.charCodeAt(dash + 2) !== 0x20 ||
      !'sdiop'.includes(line.charAt(dash + 1))
    )
      break;
    const blank = line.indexOf(' ', dash + 3);
    at = blank === -1 ? line.length : blank;
    const value = line.slice(dash + 3, at);
    if (value === '' || value.startsWith('"')) break;
    found.push(baseMatch({ name: line.charAt(dash + 1), negated, args: [value], text: '' }));
  }
  return found;
}

/** The offset of `-A` behind a line's counters; 0 where it has none. */
export function ruleStart(line: string): number {
  return line.startsWith('[') ? line.indexOf('] ') + 2 : 0;
}

const unused: Counters = { packets: 0, bytes: 0 };

/** The counters that a rule's line starts with; null where it has none. */
export function lineCounters(line: string): Counters | null {
  return line.startsWith('[') ? countersOf(line.slice(1, line.indexOf(']'))) : null;
}

/** `3:180`; null where it is something else. */
export function countersOf(text: string): Counters | null {
  if (text === '0:0') return unused;
  const found = /^(\d{1,20}):(\d{1,20})$/.exec(text);
  return found ? { packets: Number(found[1]), bytes: Number(found[2]) } : null;
}
