import type { IncomingHttpHeaders } from 'node:http';
import type { Events } from '../delivery/events.ts';
import type { Json } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { World } from '../state/world.ts';
import { readArgs, type Args } from './args.ts';
import type { Method } from './method.ts';
import { methods } from './registry.ts';

/** An HTTP request to `/api/METHOD`. */
export interface ApiRequest {
  method: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  query: URLSearchParams;
}

/** Carries out one Web API call; refusals are answers as well, as with Slack. */
export function callMethod(world: World, events: Events, request: ApiRequest): Json {
  try {
    const method = methods.get(request.method);
    if (!method) throw new SlackError('unknown_method', [], { req_method: request.method });
    const args = readArgs(request.headers, request.body, request.query);
    authorise(world, method, tokenOf(request.headers, args));
    const wait = world.rateLimits?.take(request.method, args.text('channel')) ?? null;
    if (wait !== null) throw new SlackError('ratelimited', [], { retry_after: wait });
    return { ok: true, ...method.run({ args, world, events }) };
  } catch (error) {
    if (error instanceof SlackError) return error.toAnswer();
    throw error;
  }
}

function tokenOf(headers: IncomingHttpHeaders, args: Args): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? args.text('token');
}

function authorise({ start }: World, method: Method, token: string | undefined): void {
  if (token === undefined) throw new SlackError('not_authed');
  const kind = token === start.bot_token ? 'bot' : token === start.app_token ? 'app' : null;
  if (kind === null) throw new SlackError('invalid_auth');
  if (kind !== method.token) throw new SlackError('not_allowed_token_type');
  const granted = kind === 'bot' ? start.scopes : start.app_scopes;
  if (method.scope !== null && !granted.includes(method.scope)) {
    throw new SlackError('missing_scope', [], { needed: method.scope, provided: granted.join(',') });
  }
}
