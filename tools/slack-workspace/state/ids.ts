import { randomBytes } from 'node:crypto';

/** Milliseconds since 1970, as `Date.now`; replaced in tests that are about expiry. */
export type Now = () => number;

/** An id in Slack's manner: a kind letter and upper-case characters, e.g. `V7QK2…`. */
export function newId(kind: string, length = 10): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  return kind + [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

/** A short random block id, as Slack gives a block that has none. */
export function newBlockId(): string {
  return randomBytes(4).toString('base64url').slice(0, 5);
}

/** An unguessable part of a URL or trigger. */
export function newSecret(): string {
  return randomBytes(18).toString('base64url');
}

/** Makes message timestamps (`seconds.microseconds`) that are unique and rise, whatever the clock does. */
export function createTimestamps(now: Now): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, now() * 1000);
    return formatTimestamp(last);
  };
}

function formatTimestamp(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1_000_000);
  return `${seconds}.${String(microseconds % 1_000_000).padStart(6, '0')}`;
}
