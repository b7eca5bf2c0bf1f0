import { addressRange } from '../../model/addresses.ts';
import { own } from '../../model/own.ts';
import { protocolNumber } from '../../model/protocols.ts';
import type { AddressRange, Match, PortRange } from '../../model/ruleset/matches.ts';
import { member, numberOf, scalarText, type Json } from './json.ts';

/** One nft `match`: an expression, an operator and what it is compared with. */
export interface Asked {
  readonly left: Json;
  readonly right: Json;
  /** `==`, `!=`, `<`, `>`, `<=`, `>=`, `in`. */
  readonly op: string;
  readonly text: string;
  readonly negated: boolean;
}

/** Returns the values on the right: of a single value, a list or an anonymous set. */
export function atoms(right: Json): Json[] {
  if (Array.isArray(right)) return right;
  const set = member(right, 'set');
  return Array.isArray(set) ? set : [right];
}

export const everyAddress = {
  ip: { from: '0.0.0.0', to: '255.255.255.255' },
  ip6: { from: '::', to: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
} as const;

/** `10.0.0.1`, `{prefix: …}`, `{range: […]}`. */
export function rangeOf(value: Json): AddressRange | null {
  const prefix = member(value, 'prefix');
  if (prefix !== undefined)
    return addressRange(`${scalarText(member(prefix, 'addr'))}/${scalarText(member(prefix, 'len'))}`);
  const range = member(value, 'range');
  if (Array.isArray(range)) return addressRange(range.map(scalarText).join('-'));
  return typeof value === 'string' ? addressRange(value) : null;
}

/** Numbers and ranges of them; a comparison is a range with an open end. */
export function numberRanges(right: Json, op: string): PortRange[] | null {
  const ranges = atoms(right).map((value): PortRange | null => {
    const range = member(value, 'range');
    const [from = null, to = null] = Array.isArray(range)
      ? range.map(portNumber)
      : [portNumber(value), portNumber(value)];
    // nft 1.0.6 prints two comparisons in a row as one range, sometimes of one field and the wrong way round.
    return from === null || to === null || from > to ? null : { from, to };
  });
  if (!ranges.every((range) => range !== null)) return null;
  const [only] = ranges;
  if (!only || op === '==' || op === '!=' || op === 'in') return ranges;
  const below = { '<': { from: 0, to: only.from - 1 }, '<=': { from: 0, to: only.from } };
  const open = own({ ...below, '>': { from: only.from + 1, to: 65535 }, '>=': { from: only.from, to: 65535 } }, op);
  return open ? [open] : null;
}

function portNumber(value: Json): number | null {
  return numberOf(value);
}

export function flagNames(value: Json | undefined): string[] {
  const list = member(value, '|') ?? member(value, 'set') ?? value ?? [];
  return (Array.isArray(list) ? list.flatMap(flagNames) : [scalarText(list).toUpperCase()]).filter(
    (name) => name !== '0',
  );
}

export function protocolMatch(right: Json, text: string, negated: boolean): Match[] | null {
  const numbers = atoms(right).map((name) => protocolNumber(scalarText(name)));
  return numbers.every((number) => number !== null) ? [{ kind: 'protocol', protocols: numbers, negated, text }] : null;
}
