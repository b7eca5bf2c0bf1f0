import { own } from '../../model/own.ts';
import { protocols } from '../../model/protocols.ts';
import type { Match, SetDirection } from '../../model/ruleset/matches.ts';
import { member, numberOf, scalarText, single, textOf, type Json } from './json.ts';
import { impliedBy, payloadMatch } from './payload-matches.ts';
import { printNft } from './print.ts';
import { atoms, everyAddress, flagNames, numberRanges, protocolMatch, type Asked } from './values.ts';

/** Returns the conditions of one nft `match`, those that it implies (the protocol of a port) first. */
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
