import { isIP } from 'node:net';
import type { AddressRange } from './ruleset/matches.ts';

/** An IP address as a number. Addresses of different width are never equal, nor in each other's ranges. */
export interface AddressValue {
  readonly width: 32 | 128;
  readonly value: bigint;
}

/** 4 or 6: the version of IP. */
export type AddressFamily = 4 | 6;

/** Returns the family of an address, a net or a range; what is none of these counts as IPv4. */
export function familyOf(text: string): AddressFamily {
  return text.includes(':') ? 6 : 4;
}

/** Returns the length of the prefix that holds one address alone. */
export function hostPrefix(family: AddressFamily): 32 | 128 {
  return family === 6 ? 128 : 32;
}

/** Returns what hosts of one network ask each other by for the link-layer address of this one, as people call it. */
export function neighbourProtocol(address: string): 'ARP' | 'neighbour discovery' {
  return familyOf(address) === 6 ? 'neighbour discovery' : 'ARP';
}

/** Returns the net that holds the address alone, as a route to one pod has it: `10.0.0.1/32`, `fd00::1/128`. */
export function hostNet(address: string): string {
  return `${address}/${hostPrefix(familyOf(address))}`;
}

/** @returns null where the text is no IP address */
export function addressValue(text: string): AddressValue | null {
  if (text.length > longestAddress) return null;
  const version = isIP(text);
  if (version === 4) return { width: 32, value: fromIPv4(text) };
  if (version === 6) return { width: 128, value: fromIPv6(text) };
  return null;
}

/** An IPv6 address that ends in an IPv4 one, with the name of an interface. */
const longestAddress = 45 + 1 + 15;

/**
 * Returns an IPv4 address as a number; -1 where the text is none. The same as `addressValue`, for what is asked at
 * every rule.
 */
function ipv4Number(text: string): number {
  let value = 0;
  let part = -1;
  let parts = 1;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit >= 0 && digit <= 9) {
      // No leading zeros, as in inet_pton.
      if (part === 0) return -1;
      part = part === -1 ? digit : part * 10 + digit;
      if (part > 255) return -1;
    } else if (digit === -2 && part !== -1 && parts < 4) {
      value = value * 256 + part;
      part = -1;
      parts += 1;
    } else {
      return -1;
    }
  }
  return parts === 4 && part !== -1 ? value * 256 + part : -1;
}

function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

export function formatAddress({ width, value }: AddressValue): string {
  if (width === 32) return formatIPv4(Number(value));
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));
  const text = groups.join(':');
  const [longest] = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].toSorted(
    (a, b) => b[0].length - a[0].length,
  );
  if (!longest) return text;
  const [front, back] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)];
  return `${front.replace(/:$/, '')}::${back.replace(/^:/, '')}`;
}

/** Returns an IPv6 address as the kernel prints it; any other text as it is. */
export function shortestForm(text: string): string {
  const value = isIP(text) === 6 ? addressValue(text) : null;
  return value ? formatAddress(value) : text;
}

/**
 * The range that a net, a range or an address stands for: `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1-10.0.0.9`,
 * `::1`.
 * @returns null where it is none of these, or where the mask has holes
 */
export function addressRange(text: string): AddressRange | null {
  const dash = text.indexOf('-');
  if (dash > 0) {
    const from = addressValue(text.slice(0, dash));
    const to = addressValue(text.slice(dash + 1));
    return from && to && from.width === to.width ? { from: formatAddress(from), to: formatAddress(to) } : null;
  }
  const slash = text.indexOf('/');
  const [address, mask] = slash === -1 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)];
  const plain = ipv4Number(address);
  if (plain !== -1 && (mask === undefined || mask === '32')) return { from: address, to: address };
  const base = addressValue(address);
  if (!base) return null;
  const prefix = mask === undefined ? base.width : prefixLength(mask, base.width);
  if (prefix === null) return null;
  const hostBits = (1n << BigInt(base.width - prefix)) - 1n;
  const from = base.value & ~hostBits;
  return { from: formatAddress({ ...base, value: from }), to: formatAddress({ ...base, value: from | hostBits }) };
}

export function rangeHolds(range: AddressRange, address: string): boolean {
  const plain = ipv4Number(address);
  if (plain !== -1) {
    const low = ipv4Number(range.from);
    return low !== -1 && low <= plain && plain <= ipv4Number(range.to);
  }
  const value = addressValue(address);
  const from = addressValue(range.from);
  const to = addressValue(range.to);
  return (
    value !== null &&
    from !== null &&
    to !== null &&
    value.width === from.width &&
    from.value <= value.value &&
    value.value <= to.value
  );
}

/** The length of a mask (`24` or `255.255.255.0`), or null where it has holes or is no mask. */
function prefixLength(mask: string, width: 32 | 128): number | null {
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= width ? Number(mask) : null;
  const bits = addressValue(mask);
  if (!bits || bits.width !== width) return null;
  const inverted = ~bits.value & ((1n << BigInt(width)) - 1n);
  if ((inverted & (inverted + 1n)) !== 0n) return null;
  return width - (inverted === 0n ? 0 : inverted.toString(2).length);
}

function fromIPv4(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function fromIPv6(text: string): bigint {
  const bare = (text.split('%')[0] ?? '').replace(/(?:\d{1,3}\.){3}\d{1,3}$/, (v4) => {
    const value = fromIPv4(v4);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [head, tail] = bare.includes('::') ? splitOnce(bare, '::') : [bare, ''];
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const groups = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back];
  return groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
