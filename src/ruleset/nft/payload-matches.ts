import { own } from '../../model/own.ts';
import { protocolNumber } from '../../model/protocols.ts';
import type { Match, Side } from '../../model/ruleset/matches.ts';
import { icmpNames } from '../icmp-names.ts';
import { isObject, type Json } from './json.ts';
import { atoms, everyAddress, flagNames, numberRanges, protocolMatch, rangeOf, type Asked } from './values.ts';

export function payloadMatch(protocol: string, field: string, asked: Asked): Match[] | null {
  const { right, op, text, negated } = asked;
  const implied = impliedBy(protocol, text);
  const ranges = numberRanges(right, op);
  switch (`${protocol} ${field}`) {
    case 'tcp flags':
      return [...implied, tcpFlags(asked)];
    case 'ip saddr':
    case 'ip6 saddr':
      return addressMatch('source', asked, implied);
    case 'ip daddr':
    case 'ip6 daddr':
      return addressMatch('destination', asked, implied);
    case 'ip protocol':
    case 'ip6 nexthdr': {
      const match = protocolMatch(right, text, negated);
      return match && [...implied, ...match];
    }
    case 'ip length':
      return ranges && [...implied, { kind: 'length', ranges, negated, text }];
    case 'ip ttl':
    case 'ip6 hoplimit':
      return ranges && [...implied, { kind: 'ttl', ranges, negated, text }];
    case 'icmp type':
    case 'icmpv6 type':
    case 'icmp code':
    case 'icmpv6 code': {
      const numbers = numberRanges(isObject(right) || Array.isArray(right) ? right : icmpNumber(right), op);
      const [only, second] = numbers ?? [];
      if (!only || second) return null;
      const every = { from: 0, to: 255 };
      return [
        ...implied,
        { kind: 'icmp', types: field === 'type' ? only : every, codes: field === 'code' ? only : every, negated, text },
      ];
    }
    default: {
      if ((field !== 'sport' && field !== 'dport') || !ranges) return null;
      return [...implied, { kind: 'port', side: sideOf(field), ranges, negated, text }];
    }
  }
}

function icmpNumber(right: Json): Json {
  return typeof right === 'string' ? (own(icmpNames, right) ?? right) : right;
}

function sideOf(field: string): Side {
  return field.startsWith('s') ? 'source' : 'destination';
}

/** A payload expression only ever matches packets of its own protocol, negated or not. */
export function impliedBy(protocol: string, text: string): Match[] {
  if (protocol === 'ip' || protocol === 'ip6')
    return [{ kind: 'address', side: 'source', ranges: [everyAddress[protocol]], negated: false, text }];
  const number = protocol === 'th' ? null : protocolNumber(protocol);
  return number === null ? [] : [{ kind: 'protocol', protocols: [number], negated: false, text }];
}

function addressMatch(side: Side, { right, text, negated }: Asked, implied: readonly Match[]): Match[] | null {
  const ranges = atoms(right).map(rangeOf);
  return ranges.every((range) => range !== null)
    ? [...implied, { kind: 'address', side, ranges, negated, text }]
    : null;
}

/** The flags without a mask: `in` asks for any of them, `!` for none, `==` and `!=` compare them all. */
function tcpFlags({ right, op, text, negated }: Asked): Match {
  const names = flagNames(right);
  if (op === 'in' || op === '!') return { kind: 'tcp-flags', mask: names, set: [], negated: op === 'in', text };
  return {
    kind: 'tcp-flags',
    mask: ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'],
    set: names,
    negated,
    text,
  };
}
