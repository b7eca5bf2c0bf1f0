import { z } from 'zod';
import { LookError } from '../../model/look-error.ts';

/**
 * A JSON list whose items have the shape; empty objects (older iproute2 prints them for what it left out) are skipped.
 * @throws LookError not-parsed
 */
export function parseJsonList<T>(text: string, what: string, shape: z.ZodType<T>): readonly T[] {
  const list = parseJson(text, what);
  if (!Array.isArray(list))
    throw new LookError('not-parsed', `${what} is not of the known shape: ${text.slice(0, 120).trim()}`);
  const items: readonly unknown[] = list;
  // One by one: a list of half a million wrong items would otherwise bring as many complaints.
  return items
    .filter((item) => !isEmptyObject(item))
    .map((item) => {
      const parsed = shape.safeParse(item);
      if (parsed.success) return parsed.data;
      throw new LookError(
        'not-parsed',
        `${what} is not of the known shape: ${z.prettifyError(parsed.error).slice(0, 200)}`,
      );
    });
}

function isEmptyObject(item: unknown): boolean {
  return typeof item === 'object' && item !== null && Object.keys(item).length === 0;
}

/** @throws LookError not-parsed, with the beginning of what was there instead. */
function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LookError('not-parsed', `${what} is not JSON: ${text.slice(0, 120).trim() || '(empty)'}`);
  }
}
