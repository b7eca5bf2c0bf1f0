import { LookError } from '../../model/look-error.ts';
import { protocolNumber } from '../../model/protocols.ts';
import type { NumberRange, RoutingAction, RoutingRule } from '../../model/routing-policy.ts';

/**
 * Parses `ip rule show` (iproute2's iprule.c, print_rule). Words that are not known are kept in `unread`.
 * @throws LookError not-parsed where a line does not begin with a priority; no line at all is no answer, as every
 *   kernel has the rules of its own tables
 */
export function parseIpRules(text: string): readonly RoutingRule[] {
  const rules = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, priority, rest] = /^(\d{1,10}):\s+(\S.*)$/.exec(line) ?? [];
      if (priority === undefined || rest === undefined)
        throw new LookError('not-parsed', `ip rule printed a line of no known shape: ${line.slice(0, 120).trim()}`);
      return parseRule(Number(priority), rest.trim());
    });
  if (rules.length === 0) throw new LookError('not-parsed', 'ip rule printed nothing');
  return rules;
}

type Parts = { -readonly [K in keyof RoutingRule]: RoutingRule[K] };

function parseRule(priority: number, text: string): RoutingRule {
  const rule: Parts = {
    priority,
    text,
    not: false,
    from: null,
    to: null,
    mark: null,
    tos: null,
    inInterface: null,
    outInterface: null,
    protocol: null,
    sourcePorts: null,
    destinationPorts: null,
    uids: null,
    suppressedPrefix: null,
    action: { kind: 'nop' },
    unread: [],
  };
  const words = text.split(/\s+/);
  const unread: string[] = [];
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (!readWord(rule, word, words)) unread.push(word);
  }
  return { ...rule, unread };
}

/** Takes the word, and its value from the words that follow. @returns whether it was understood */
function readWord(rule: Parts, word: string, rest: string[]): boolean {
  const value = () => rest.shift() ?? '';
  switch (word) {
    case 'not':
      rule.not = true;
      return true;
    case 'from':
      rule.from = networkOf(value());
      return true;
    case 'to':
      rule.to = networkOf(value());
      return true;
    case 'fwmark':
      rule.mark = markOf(value());
      return rule.mark !== null;
    case 'tos':
    case 'dsfield':
      rule.tos = numberOf(value());
      return rule.tos !== null;
    case 'iif':
      rule.inInterface = value();
      return true;
    case 'oif':
      rule.outInterface = value();
      return true;
    // Said of an interface that is not there: the rule then takes no packet, as its name is no packet's.
    case '[detached]':
    case '[unresolved]':
      return true;
    case 'ipproto':
      rule.protocol = protocolNumber(value());
      return rule.protocol !== null;
    case 'sport':
      rule.sourcePorts = rangeOf(value());
      return rule.sourcePorts !== null;
    case 'dport':
      rule.destinationPorts = rangeOf(value());
      return rule.destinationPorts !== null;
    case 'uidrange':
      rule.uids = rangeOf(value());
      return rule.uids !== null;
    case 'suppress_prefixlength':
      rule.suppressedPrefix = numberOf(value());
      return rule.suppressedPrefix !== null;
    // Who added the rule.
    case 'proto':
      value();
      return true;
    default:
      return readAction(rule, word, value);
  }
}

function readAction(rule: Parts, word: string, value: () => string): boolean {
  const action = actionOf(word, value);
  if (action === null) return false;
  rule.action = action;
  return true;
}

function actionOf(word: string, value: () => string): RoutingAction | null {
  switch (word) {
    case 'lookup':
    case 'table': {
      const table = value();
      if (table === '[l3mdev-table]') return { kind: 'lookup-of-vrf' };
      return table === '' ? null : { kind: 'lookup', table };
    }
    case 'goto': {
      const priority = numberOf(value());
      return priority === null ? null : { kind: 'goto', priority };
    }
    case 'nop':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return { kind: word };
    default:
      return null;
  }
}

/** `all` is every address, as is a network of no bits. */
function networkOf(text: string): string | null {
  return text === 'all' || text === '0.0.0.0/0' || text === '::/0' ? null : text;
}

function markOf(text: string): RoutingRule['mark'] {
  const [value, mask] = text.split('/').map(numberOf);
  if (value === null || value === undefined || mask === null) return null;
  return { value, mask: mask ?? 0xffffffff };
}

function rangeOf(text: string): NumberRange | null {
  const [from, to] = text.split('-').map(numberOf);
  return from === null || from === undefined || to === null ? null : [from, to ?? from];
}

/** Decimal, or hexadecimal with 0x. */
function numberOf(text: string): number | null {
  return /^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : null;
}
