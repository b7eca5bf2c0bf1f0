import { SlackError } from '../slack-error.ts';
import type { Args } from './args.ts';

/** One page of a list, with Slack's cursor to the next. */
export interface Page<T> {
  items: T[];
  hasMore: boolean;
  metadata: { next_cursor: string };
}

/** Cuts the page that `cursor` and `limit` ask for. Throws `invalid_cursor` or `invalid_limit`. */
export function pageOf<T>(list: readonly T[], args: Args, fallback: number, max: number): Page<T> {
  const limit = args.limit('limit', fallback, max);
  const from = readCursor(args.text('cursor'));
  const items = list.slice(from, from + limit);
  const hasMore = from + limit < list.length;
  return {
    items,
    hasMore,
    metadata: { next_cursor: hasMore ? Buffer.from(`next:${from + limit}`).toString('base64') : '' },
  };
}

function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const match = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8'));
  if (!match) throw new SlackError('invalid_cursor');
  return Number(match[1]);
}
