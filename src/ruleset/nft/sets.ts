import { own } from '../../model/own.ts';
import type { Family } from '../../model/ruleset/places.ts';
import type { PacketSet, SetElement, SetPart } from '../../model/ruleset/sets.ts';
import { isDeeper, isObject, member, numberOf, scalarText, textOf, type Json } from './json.ts';
import { LazySet } from '../sets/lazy-set.ts';
import { rangeOf } from './values.ts';
import { protocolNumber } from '../../model/protocols.ts';

const kinds: Readonly<Record<string, string>> = {
  ipv4_addr: 'ip',
  ipv6_addr: 'ip',
  inet_service: 'port',
  ifname: 'iface',
  mark: 'mark',
};

/**
 * Parses a named set of a native table. Its type is in ipset's words, `nft:ip,port`. An nft protocol and its port are
 * one part.
 */
export function nftSet(set: Json, table: { readonly family: Family; readonly name: string }): PacketSet {
  const declared = member(set, 'type');
  const types = (Array.isArray(declared) ? declared : [declared ?? '']).map(scalarText);
  const parts = types.filter((type, at) => !(type === 'inet_proto' && types[at + 1] === 'inet_service'));
  const listed = member(set, 'elem');
  const elements = Array.isArray(listed) ? listed : [];
  const family = types.includes('ipv6_addr') ? 'ip6' : types.includes('ipv4_addr') ? 'ip' : null;
  const type = `nft:${parts.map((one) => own(kinds, one) ?? 'other').join(',')}`;
  return new LazySet(
    { name: textOf(member(set, 'name')) ?? '', type, family, table, size: elements.length, tested: [] },
    () => elements.map((element) => elementOf(element, types)),
  );
}

function elementOf(element: Json, types: readonly string[]): SetElement {
  const value = member(member(element, 'elem'), 'val') ?? element;
  const concat = member(value, 'concat');
  const values = Array.isArray(concat) ? concat : [value];
  const parts = types.flatMap((type, at): SetPart[] => {
    const one = values[at] ?? null;
    if (type === 'inet_proto' && types[at + 1] === 'inet_service') return [];
    return [partOf(type, one, types[at - 1] === 'inet_proto' ? protocolNumber(scalarText(values[at - 1])) : null)];
  });
  return { parts, exception: false };
}

function partOf(type: string, value: Json, protocol: number | null): SetPart {
  const other: SetPart = {
    kind: 'other',
    text: isObject(value) ? (isDeeper(value, 60) ? '' : JSON.stringify(value)) : scalarText(value),
  };
  switch (type) {
    case 'ipv4_addr':
    case 'ipv6_addr': {
      const range = rangeOf(value);
      return range ? { kind: 'net', ...range, prefix: null } : other;
    }
    case 'inet_service': {
      const range = member(value, 'range');
      const [from = null, to = null] = Array.isArray(range) ? range.map(numberOf) : [numberOf(value), numberOf(value)];
      return from === null || to === null ? other : { kind: 'port', protocol, from, to };
    }
    case 'ifname':
      return { kind: 'interface', name: scalarText(value) };
    case 'mark': {
      const mark = numberOf(value);
      return mark === null ? other : { kind: 'mark', value: mark >>> 0, mask: 0xffffffff };
    }
    default:
      return other;
  }
}
