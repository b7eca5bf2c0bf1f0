import { SlackError } from '../slack-error.ts';
import { newSecret, type Now } from './ids.ts';

const LIFETIME_MS = 30 * 60 * 1000;
const USES = 5;

/** What a response URL answers to. `ts` is the message that was clicked, if any. */
export interface ResponseTarget {
  user: string;
  channel: string;
  ts: string | null;
}

/** Response URLs: five posts within thirty minutes of the interaction. */
export interface ResponseUrls {
  /** The last part of a new URL's path. */
  issue(target: ResponseTarget): string;
  /** Counts one use. Throws `invalid_url`, `expired_url` or `used_url`. */
  use(id: string): ResponseTarget;
}

/** Creates the response URLs of a workspace. */
export function createResponseUrls(now: Now): ResponseUrls {
  const issued = new Map<string, { target: ResponseTarget; at: number; uses: number }>();
  return {
    issue(target) {
      const id = newSecret();
      issued.set(id, { target, at: now(), uses: 0 });
      return id;
    },
    use(id) {
      const url = issued.get(id);
      if (!url) throw new SlackError('invalid_url');
      if (now() - url.at > LIFETIME_MS) throw new SlackError('expired_url');
      if (url.uses >= USES) throw new SlackError('used_url');
      url.uses += 1;
      return url.target;
    },
  };
}
