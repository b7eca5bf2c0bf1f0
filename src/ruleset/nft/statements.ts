import type { Match } from '../../model/ruleset/matches.ts';
import type { Action, VerdictAction, VerdictMapEntry } from '../../model/ruleset/rules.ts';
import { isDeeper, isObject, member, numberOf, scalarText, single, textOf, type Json } from './json.ts';
import { nftMatches } from './matches.ts';
import { printNft } from './print.ts';

/** Finds the elements of a named verdict map of the rule's own table; null: they were not read. */
export type FindMap = (name: string) => Json[] | null;

/** A statement in the model's terms: a condition, or an action. */
export type Statement = { readonly matches: readonly Match[] } | { readonly action: Action } | null;

const unknownAction = (text: string, why: string): Statement => ({ action: { kind: 'unknown', text, why } });
const undecided = (text: string, why: string): Statement => ({
  matches: [{ kind: 'unknown', negated: false, text, why }],
});

/** Returns a statement's meaning; null: it neither decides nor changes anything, as counters and comments. */
export function nftStatement(name: string, body: Json, findMap: FindMap): Statement {
  const text = printNft({ [name]: body });
  switch (name) {
    case 'counter':
    case 'comment':
      return null;
    case 'match':
      return {
        matches: nftMatches(
          member(body, 'left') ?? null,
          textOf(member(body, 'op')) ?? '==',
          member(body, 'right') ?? null,
        ),
      };
    case 'limit':
    case 'quota':
    case 'ct count':
    case 'meter':
    case 'connlimit':
      return undecided(text, 'how much of the limit is used is not in a save');
    case 'log':
      return { action: { kind: 'log', text } };
    case 'notrack':
      return { action: { kind: 'notrack' } };
    case 'mangle':
      return mangle(member(body, 'key') ?? null, member(body, 'value') ?? null, text);
    case 'vmap':
      return { action: verdictMap(member(body, 'key') ?? null, member(body, 'data') ?? null, text, findMap) };
    case 'masquerade':
    case 'redirect':
      return { action: { kind: name, to: portText(member(body, 'port')) } };
    case 'snat':
    case 'dnat':
      return { action: { kind: name, to: addressText(body) } };
    case 'queue':
      return { action: queueAction(body, text) };
    case 'set':
    case 'map':
    case 'flow':
    case 'dup':
    case 'ct helper':
    case 'ct timeout':
    case 'ct expectation':
    case 'secmark':
      return { action: { kind: 'harmless', text } };
    case 'xt':
      return foreignExtension(body, text);
    default: {
      const verdict = verdictOf({ [name]: body });
      return verdict ? { action: verdict } : unknownAction(text, `the statement "${name}" is not understood`);
    }
  }
}

function verdictOf(value: Json): VerdictAction | null {
  const [name, body] = single(value) ?? [textOf(value) ?? '', null];
  switch (name) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return { kind: name };
    case 'reject':
      return { kind: 'reject', with: textOf(member(body, 'expr')) ?? textOf(member(body, 'type')) };
    case 'jump':
    case 'goto':
      return { kind: name, chain: textOf(member(body, 'target')) ?? '' };
    default:
      return null;
  }
}

/** Expressions of iptables' own modules come without their options; a comment needs none. */
function foreignExtension(body: Json, text: string): Statement {
  const [type, name] = [textOf(member(body, 'type')), textOf(member(body, 'name')) ?? ''];
  if (type === 'match' && name === 'comment') return null;
  const why = `nft prints "${name}" without its options: read the table with iptables-nft-save`;
  if (type === 'match') return undecided(text, why);
  return name === 'LOG' || name === 'NFLOG' ? { action: { kind: 'log', text } } : unknownAction(text, why);
}

/** Without a number it is queue 0. Of an expression that computes the number, it is not known. */
function queueAction(body: Json, text: string): Action {
  const [wanted = 0, flags] = [member(body, 'num'), member(body, 'flags')];
  const range = member(wanted, 'range');
  const [first = null, last = null] = (Array.isArray(range) ? range : [wanted, wanted]).map(numberOf);
  const bypass = flags === 'bypass' || (Array.isArray(flags) && flags.includes('bypass'));
  return { kind: 'queue', numbers: first === null || last === null ? null : [first, last], bypass, text };
}

function verdictMap(key: Json, data: Json, text: string, findMap: FindMap): Action {
  const named = textOf(data)?.replace(/^@/, '');
  const listed = named === undefined ? member(data, 'set') : findMap(named);
  if (!Array.isArray(listed)) return { kind: 'verdict-map', entries: null, text };
  if (isDeeper(listed, 60)) return { kind: 'unknown', text, why: 'the map is nested deeper than nft nests any' };
  const entries = listed.map((entry): VerdictMapEntry | null => {
    const [value, verdict] = Array.isArray(entry) ? entry : [];
    const does = verdict === undefined ? null : verdictOf(verdict);
    return value === undefined || !does
      ? null
      : { matches: keyMatches(key, member(member(value, 'elem'), 'val') ?? value), verdict: does };
  });
  return entries.every((entry) => entry !== null)
    ? { kind: 'verdict-map', entries, text }
    : { kind: 'unknown', text, why: 'the map holds what is not understood' };
}

function keyMatches(key: Json, value: Json): Match[] {
  const fields = member(key, 'concat');
  const values = member(value, 'concat');
  if (Array.isArray(fields) && Array.isArray(values))
    return fields.flatMap((field, at) => nftMatches(field, '==', values[at] ?? null));
  return value === '*' ? [] : nftMatches(key, '==', value);
}

/**
 * Reads a change of the packet's or the connection's mark. Of other fields a walk needs addresses and ports only.
 */
function mangle(key: Json, value: Json, text: string): Statement {
  const [kind, body] = single(key) ?? [];
  const field = textOf(member(body, kind === 'payload' ? 'field' : 'key'));
  if (kind === 'payload' && ['saddr', 'daddr', 'sport', 'dport'].includes(field ?? ''))
    return unknownAction(text, 'the packet is rewritten outside of address translation');
  const number = numberOf(value);
  if (kind === 'payload' && field === 'ttl' && textOf(member(body, 'protocol')) === 'ip')
    return number === null
      ? unknownAction(text, 'the time to live is not understood')
      : { action: { kind: 'set-ttl', how: 'set', value: number } };
  if (field !== 'mark' || (kind !== 'meta' && kind !== 'ct')) return { action: { kind: 'harmless', text } };
  const [from, other] = kind === 'meta' ? ['meta', 'ct'] : ['ct', 'meta'];
  if (member(member(value, other), 'key') === 'mark')
    return {
      action: { kind: kind === 'meta' ? 'restore-mark' : 'save-mark', mask: 0xffffffff, connmarkMask: 0xffffffff },
    };
  const change = markChange(value, from);
  if (!change) return unknownAction(text, 'the new mark is not understood');
  return {
    action: { kind: kind === 'meta' ? 'set-mark' : 'set-connmark', mask: ~change.keep >>> 0, value: change.flip >>> 0 },
  };
}

/** The new mark as (mark & keep) ^ flip. */
function markChange(value: Json, from: string): { keep: number; flip: number } | null {
  const number = numberOf(value);
  if (number !== null) return { keep: 0, flip: number };
  if (member(member(value, from), 'key') === 'mark') return { keep: 0xffffffff, flip: 0 };
  const [op, body] = single(value) ?? [];
  if (!Array.isArray(body) || !['&', '|', '^'].includes(op ?? '')) return null;
  const bits = body.map(numberOf).filter((found) => found !== null);
  const inner = body.filter(isObject).map((part) => markChange(part, from));
  const [start] = inner;
  if (inner.length !== 1 || !start || bits.length + 1 !== body.length) return null;
  return bits.reduce((change, bit) => {
    if (op === '&') return { keep: change.keep & bit, flip: change.flip & bit };
    return op === '|'
      ? { keep: change.keep & ~bit, flip: change.flip | bit }
      : { keep: change.keep, flip: change.flip ^ bit };
  }, start);
}

function addressText(body: Json): string | null {
  const address = textOf(member(body, 'addr')) ?? (member(body, 'addr') === undefined ? '' : null);
  const port = portText(member(body, 'port'));
  if (address === null) return null;
  return `${address.includes(':') && port !== null ? `[${address}]` : address}${port === null ? '' : `:${port}`}`;
}

function portText(port: Json | undefined): string | null {
  const range = member(port, 'range');
  return Array.isArray(range) ? range.map(scalarText).join('-') : typeof port === 'number' ? String(port) : null;
}
