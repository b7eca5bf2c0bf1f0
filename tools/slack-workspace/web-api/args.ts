import type { IncomingHttpHeaders } from 'node:http';
import { isObject, textOf } from '../json.ts';
import type { Json } from '../model.ts';
import { SlackError } from '../slack-error.ts';

/** The arguments of a Web API call, read as Slack reads them: form fields, objects inside them as JSON. */
export interface Args {
  has(name: string): boolean;
  /** A string, or undefined when absent or empty. */
  text(name: string): string | undefined;
  /** Throws `invalid_arguments` when absent. */
  required(name: string): string;
  flag(name: string): boolean;
  /** A positive number up to `max`; `fallback` when absent. Throws `invalid_limit` otherwise. */
  limit(name: string, fallback: number, max: number): number;
  /** A JSON value; undefined when absent. Throws `refusal` when it is not JSON. */
  json(name: string, refusal: string): unknown;
}

/** Reads the body of a call: a form (what web-api sends) or JSON. */
export function readArgs(headers: IncomingHttpHeaders, body: Buffer, query: URLSearchParams): Args {
  const given = new Map<string, unknown>(query);
  if (headers['content-type']?.startsWith('application/json')) {
    for (const [name, value] of Object.entries(parseJsonBody(body))) given.set(name, value);
  } else {
    for (const [name, value] of new URLSearchParams(body.toString('utf8'))) given.set(name, value);
  }
  return argsOf(given);
}

function parseJsonBody(body: Buffer): Json {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (isObject(parsed)) return parsed;
  } catch {
    /* refused below */
  }
  throw new SlackError('invalid_json');
}

/** The same reading over fields that were parsed already, e.g. the JSON of a response URL. */
export function argsOf(given: ReadonlyMap<string, unknown>): Args {
  function text(name: string): string | undefined {
    const value = given.get(name);
    if (value === undefined || value === null || value === '') return undefined;
    return textOf(value);
  }

  return {
    has: (name) => given.has(name),
    text,
    required(name) {
      const value = text(name);
      if (value === undefined) throw new SlackError('invalid_arguments', [`missing required field: ${name}`]);
      return value;
    },
    flag: (name) => ['true', '1'].includes(text(name) ?? ''),
    limit(name, fallback, max) {
      const value = Number(text(name) ?? fallback);
      if (!Number.isInteger(value) || value < 1) throw new SlackError('invalid_limit');
      return Math.min(value, max);
    },
    json(name, refusal) {
      const value = given.get(name);
      if (typeof value !== 'string') return value;
      if (value === '') return undefined;
      try {
        return JSON.parse(value) as unknown;
      } catch {
        throw new SlackError(refusal, [`${name} is not valid JSON`]);
      }
    },
  };
}
