import { isIP } from 'node:net';
import type { AddressRange } from '../model/ruleset.ts';

/** An IP address as a number. Addresses of different width are never equal, nor in each other's ranges. */
export interface AddressValue {
  readonly width: 32 | 128;
  readonly value: bigint;
}

/** @returns null where the text is no IP address */
export function addressValue(text: string): AddressValue | null {
  const version = isIP(text);
  if (version === 4) return { width: 32, value: fromIPv4(text) };
  if (version === 6) return { width: 128, value: fromIPv6(text) };
  return null;
}

export function formatAddress({ width, value }: AddressValue): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));
  const text = groups.join(':');
  const [longest] = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].toSorted((a, b) => b[0].length - a[0].length);
  if (!longest) return text;
  return `${text.slice(0, longest.index).replace(/:$/, '')}::${text.slice(longest.index + longest[0].length).replace(/^:/, '')}`;
}

/**
 * The range that a net, a range or an address stands for: `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1-10.0.0.9`, `::1`.
 * @returns null where it is none of these, or where the mask has holes
 */
export function addressRange(text: string): AddressRange | null {
  const dash = text.indexOf('-');
  if (dash > 0) {
    const from = addressValue(text.slice(0, dash));
    const to = addressValue(text.slice(dash + 1));
    return from && to && from.width === to.width ? { from: formatAddress(from), to: formatAddress(to) } : null;
  }
  const [address = '', mask] = text.split('/');
  const base = addressValue(address);
  if (!base) return null;
  const prefix = mask === undefined ? base.width : prefixLength(mask, base.width);
  if (prefix === null) return null;
  const hostBits = (1n << BigInt(base.width - prefix)) - 1n;
  const from = base.value & ~hostBits;
  return { from: formatAddress({ ...base, value: from }), to: formatAddress({ ...base, value: from | hostBits }) };
}

export function rangeHolds(range: AddressRange, address: string): boolean {
  const value = addressValue(address);
  const from = addressValue(range.from);
  const to = addressValue(range.to);
  return value !== null && from !== null && to !== null && value.width === from.width && from.value <= value.value && value.value <= to.value;
}

/** The length of a mask (`24` or `255.255.255.0`), or null where it has holes or is no mask. */
function prefixLength(mask: string, width: 32 | 128): number | null {
  if (/^\d+$/.test(mask)) return Number(mask) <= width ? Number(mask) : null;
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
  const bare = (text.split('%')[0] ?? '').replace(/(?:\d+\.){3}\d+$/, (v4) => {
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
