import type { Transport } from '../delivery/envelope.ts';
import type { Events } from '../delivery/events.ts';
import type { Json } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { ResponseTarget } from '../state/response-urls.ts';
import type { World } from '../state/world.ts';

/** What the interactions of people work with. */
export interface Session {
  world: World;
  transport: Transport;
  events: Events;
}

/** What came of an interaction: whether the app acknowledged in time, and in how many milliseconds. */
export interface Outcome {
  acked: boolean;
  ms: number;
  reason: string | null;
}

/** A person of the workspace, not a bot. Throws `user_not_found`. */
export function person(world: World, idOrName: string): World['users'][number] {
  const user = world.user(idOrName);
  if (user.is_bot) throw new SlackError('user_not_found');
  return user;
}

/** A fresh response URL. */
export function responseUrl(world: World, target: ResponseTarget): string {
  return `${world.origin}/response/${world.responseUrls.issue(target)}`;
}

/** The fields that every payload of a person's interaction has. */
export function payloadBase({ start }: World, user: World['users'][number]): Json {
  return {
    api_app_id: start.app.id,
    token: 'verification-token',
    team: { id: start.team.id, domain: start.team.domain },
    user: { id: user.id, username: user.name, name: user.name, team_id: start.team.id },
    enterprise: null,
    is_enterprise_install: false,
  };
}
