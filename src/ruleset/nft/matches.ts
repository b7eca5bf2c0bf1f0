import { own } from '../../model/own.ts';
import type { AddressRange, Match, PortRange, SetDirection, Side } from '../../model/ruleset/matches.ts';
import { addressRange } from '../../model/addresses.ts';
import { icmpNames } from '../icmp-names.ts';
import { isObject, member, numberOf, scalarText, single, textOf, type Json } from './json.ts';
import { printNft } from './print.ts';
import { protocolNumber, protocols } from '../../model/protocols.ts';

interface Asked {
  readonly left: Json;
  readonly right: Json;
  /** `==`, `!=`, `<`, `>`, `<=`, `>=`, `in`. */
  readonly op: string;
  readonly text: string;
  readonly negated: boolean;
}

/** The conditions that one nft `match` puts on a packet, those that it implies (the protocol of a port) first. */
export function nftMatches(left: Json, op: string, right: Json): Match[] {
  const text = printNft({ match: { op, left, right } });
  const asked = { left, right, op, text, negated: op === '!=' };
  return matchesOf(asked) ?? [{ kind: 'unknown', negated: false, text, why: 'the expression is not understood' }];
}

function matchesOf(asked: Asked): Match[] | null {
  const { left, right } = asked;
  const [kind, body] = single(left) ?? [];
  if (asked.op === '!' && kind !== 'ct' && member(body, 'field') !== 'flags') return null;
  const set = typeof right === 'string' && right.startsWith('@') ? right.slice(1) : null;
  if (set !== null) return setMatch(left, set, asked);
  switch (kind) {
    case 'meta':
      return metaMatch(textOf(member(body, 'key')) ?? '', asked);
    case 'payload':
      return payloadMatch(textOf(member(body, 'protocol')) ?? '', textOf(member(body, 'field')) ?? '', asked);
    case 'ct':
      return connectionMatch(textOf(member(body, 'key')) ?? '', asked);
    case 'fib':
      return fibMatch(body, asked);
    case '&':
      return bitMatch(Array.isArray(body) ? body : [], asked);
    default:
      return null;
  }
}

/** What stands on the right: single values, lists and anonymous sets alike. */
function atoms(right: Json): Json[] {
  if (Array.isArray(right)) return right;
  const set = member(right, 'set');
  return Array.isArray(set) ? set : [right];
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function metaMatch(key: string, { right, op, text, negated }: Asked): Match[] | null {
  switch (key) {
    case 'iifname':
    case 'iif':
    case 'oifname':
    case 'oif': {
      const names = atoms(right).map(textOf);
      return names.every((name) => name !== null)
        ? [{ kind: 'interface', side: key.startsWith('i') ? 'in' : 'out', names, negated, text }]
        : null;
    }
    case 'l4proto':
      return protocolMatch(right, text, negated);
    case 'mark':
      return markMatch('mark', right, 0xffffffff, text, negated);
    case 'nfproto':
    case 'protocol': {
      const ranges = atoms(right).map((name) =>
        own(
          { ipv4: everyAddress.ip, ip: everyAddress.ip, ipv6: everyAddress.ip6, ip6: everyAddress.ip6 },
          scalarText(name),
        ),
      );
      return ranges.every((range) => range !== undefined)
        ? [{ kind: 'address', side: 'source', ranges, negated, text }]
        : null;
    }
    case 'length': {
      const ranges = numberRanges(right, op);
      return ranges && [{ kind: 'length', ranges, negated, text }];
    }
    default:
      return null;
  }
}

const everyAddress = {
  ip: { from: '0.0.0.0', to: '255.255.255.255' },
  ip6: { from: '::', to: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
} as const;

function protocolMatch(right: Json, text: string, negated: boolean): Match[] | null {
  const numbers = atoms(right).map((name) => protocolNumber(scalarText(name)));
  return numbers.every((number) => number !== null) ? [{ kind: 'protocol', protocols: numbers, negated, text }] : null;
}

function markMatch(
  kind: 'mark' | 'connmark',
  right: Json,
  mask: number,
  text: string,
  negated: boolean,
): Match[] | null {
  const value = numberOf(right);
  return value === null ? null : [{ kind, value: value >>> 0, mask: mask >>> 0, negated, text }];
}

function payloadMatch(protocol: string, field: string, asked: Asked): Match[] | null {
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
function impliedBy(protocol: string, text: string): Match[] {
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
function numberRanges(right: Json, op: string): PortRange[] | null {
  const ranges = atoms(right).map((value): PortRange | null => {
    const range = member(value, 'range');
    const [from = null, to = null] = Array.isArray(range)
      ? range.map(portNumber)
      : [portNumber(value), portNumber(value)];
    // nft 1.0.6 prints two comparisons that follow each other as one range, sometimes of one field and the wrong way
    // round.
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

/** States and status are bits: `in` asks for any of them, `!` for none, `==` and `!=` compare the whole. */
function connectionMatch(key: string, { right, op, text, negated }: Asked): Match[] | null {
  if (key === 'mark')
    return op === '==' || op === '!=' ? markMatch('connmark', right, 0xffffffff, text, negated) : null;
  const kind = key === 'state' ? 'ct-state' : key === 'status' ? 'ct-status' : null;
  const words = flagNames(right);
  if (
    kind === null ||
    words.length === 0 ||
    (kind === 'ct-status' && !words.every((word) => word === 'DNAT' || word === 'SNAT'))
  )
    return null;
  if (op === 'in' || op === '!') return [{ kind, states: words, negated: op === '!', text }];
  // A packet has one state, so no comparison with several holds; nor is the whole status ever one bit of address
  // rewriting.
  const isSet = member(right, 'set') !== undefined;
  return [{ kind, states: kind === 'ct-status' || (words.length > 1 && !isSet) ? [] : words, negated, text }];
}

/** `fib daddr type local`, and `fib saddr . iif oif 0`: no route back to where the packet came in. */
function fibMatch(body: Json | undefined, { right, text, negated }: Asked): Match[] | null {
  const flags = listOf(member(body, 'flags')).map(scalarText);
  const result = textOf(member(body, 'result'));
  if (result === 'type') {
    const types = atoms(right).map((type) => scalarText(type).toUpperCase());
    const limitInterface = flags.includes('iif') ? 'in' : flags.includes('oif') ? 'out' : null;
    return [
      {
        kind: 'address-type',
        side: flags.includes('saddr') ? 'source' : 'destination',
        types,
        limitInterface,
        negated,
        text,
      },
    ];
  }
  const missing = right === false || right === 0 || right === '0' || right === 'missing';
  if (
    result !== 'oif' ||
    !flags.includes('saddr') ||
    !flags.includes('iif') ||
    !(missing || right === true || right === 'exists')
  )
    return null;
  return [{ kind: 'reverse-path', negated: missing !== negated, text }];
}

/** `meta mark & 0x10000 == 0x10000`, `tcp flags & (syn|ack) == syn`. */
function bitMatch([of, mask]: readonly Json[], { right, op, text, negated }: Asked): Match[] | null {
  const bits = numberOf(mask);
  const [kind, body] = single(of) ?? [];
  if (kind === 'meta' && member(body, 'key') === 'mark' && bits !== null)
    return op === 'in' ? null : markMatch('mark', right, bits, text, negated);
  if (kind === 'ct' && member(body, 'key') === 'mark' && bits !== null)
    return op === 'in' ? null : markMatch('connmark', right, bits, text, negated);
  if (kind === 'payload' && member(body, 'protocol') === 'tcp' && member(body, 'field') === 'flags' && op !== 'in') {
    const protocol: Match = { kind: 'protocol', protocols: [protocols.tcp], negated: false, text };
    return [protocol, { kind: 'tcp-flags', mask: flagNames(mask), set: flagNames(right), negated, text }];
  }
  return null;
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

function flagNames(value: Json | undefined): string[] {
  const list = member(value, '|') ?? member(value, 'set') ?? value ?? [];
  return (Array.isArray(list) ? list.flatMap(flagNames) : [scalarText(list).toUpperCase()]).filter(
    (name) => name !== '0',
  );
}

function setMatch(left: Json, set: string, { text, negated }: Asked): Match[] | null {
  const concat = member(left, 'concat');
  const fields = Array.isArray(concat) ? concat : [left];
  const implied: Match[] = [];
  const directions: SetDirection[] = [];
  for (const field of fields) {
    const [kind, body] = single(field) ?? [];
    const name = textOf(member(body, kind === 'payload' ? 'field' : 'key')) ?? '';
    const protocol = textOf(member(body, 'protocol')) ?? '';
    if (kind === 'payload') implied.push(...impliedBy(protocol, text));
    // A packet too short to have ports fails the look-up whether it is negated or not.
    if (protocol === 'th' && negated)
      implied.push({ kind: 'length', ranges: [{ from: 24, to: 65535 }], negated: false, text });
    // The protocol of an element and the port after it are one part of the model's element.
    if (name === 'l4proto' || name === 'protocol') continue;
    if (!['saddr', 'daddr', 'sport', 'dport', 'iifname', 'oifname', 'mark'].includes(name)) return null;
    directions.push(name.startsWith('s') || name.startsWith('i') ? 'src' : 'dst');
  }
  return [...implied, { kind: 'set', set, directions, negated, text }];
}
