import type { Counters, Rule } from '../model/ruleset.ts';
import { matchesOf } from './iptables-matches.ts';
import { actionsOf } from './iptables-targets.ts';
import { oneLine } from './quoted-text.ts';
import { groupOptions } from './rule-tokens.ts';

const none: readonly string[] = [];

/**
 * Parses one rule's line, `[3:180] -A FORWARD …`. A line that no iptables printed is a rule of which nothing is known: a packet
 * may match it, and what happens then cannot be told.
 * @param index 1-based place in its chain
 */
export function parseRuleLine(line: string, index: number, isChain: (name: string) => boolean): Rule {
  const written = line.slice(ruleStart(line));
  const grouped = groupOptions(written);
  const text = oneLine(written);
  const rule = grouped && text !== written ? groupOptions(text) : grouped;
  const counters = lineCounters(line);
  if (!rule) {
    const why = 'the line is not a rule as iptables prints one: what it says cannot be trusted';
    return { text, index, counters, comments: none, tag: null, matches: [{ kind: 'unknown', negated: false, text, why }], actions: [{ kind: 'unknown', text, why }], handle: null };
  }
  const comments = rule.groups.some(({ module }) => module === 'comment') ? rule.groups.flatMap(({ module, options }) => (module === 'comment' ? options.map(({ args }) => args[0] ?? '') : [])) : none;
  return {
    text,
    index,
    counters,
    comments,
    tag: comments.map((comment) => /^cali:([A-Za-z0-9_-]{16})$/.exec(comment)?.[1]).find((tag) => tag !== undefined) ?? null,
    matches: rule.groups.flatMap(matchesOf),
    actions: actionsOf(rule.target, isChain),
    handle: null,
  };
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
