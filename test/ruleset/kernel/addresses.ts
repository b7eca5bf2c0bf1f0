import type { Way } from './packets.ts';

/** Each case has a destination of its own, so that no two meet in conntrack or in each other's chains. */
export function ownAddress(way: Way, number: number): string {
  return `10.${way === 'delivered' ? 97 : 99}.${number >> 8}.${number & 255}`;
}

/** Where its address rewriting leads. */
export function twinAddress(number: number): string {
  return `10.98.${number >> 8}.${number & 255}`;
}
