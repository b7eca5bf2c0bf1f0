import { WebAPIRequestError, type WebClient } from '@slack/web-api';
import type { SlackAnswer, SlackQuestions } from '../model/slack-setup.ts';
import { failureReason } from './kubernetes/failures.ts';
import { createSlackClient, slackTimeoutMs } from './slack-client.ts';
import { refusalCode, threadErrorOf } from './slack-trouble.ts';
import { thrown } from './thrown.ts';

export interface SlackSetupOptions {
  readonly botToken: string;
  /** null: not Socket Mode. */
  readonly appToken: string | null;
  /** null: Slack itself. */
  readonly apiUrl: string | null;
}

/** Asks Slack's Web API what the app may do. Nothing is posted, and no connection of Socket Mode is opened. */
export function createSlackQuestions({ botToken, appToken, apiUrl }: SlackSetupOptions): SlackQuestions {
  const client = createSlackClient({ token: botToken, apiUrl });
  return {
    bot: () =>
      answered(client.auth.test(), ({ user, team, enterprise_id: org, response_metadata: metadata }) => ({
        name: `${user ?? '?'} of ${team ?? '?'}; it refuses other ${org ? 'organisations' : 'workspaces'}`,
        scopes: metadata?.scopes ?? null,
      })),
    socket:
      appToken === null
        ? null
        : () => answered(createSlackClient({ token: appToken, apiUrl }).apps.connections.open({}), () => null),
    channel: (channel) => answered(client.conversations.history({ channel, limit: 1 }), () => null),
    user: (user) => answered(client.users.info({ user }), () => null),
    group: (name) =>
      name.startsWith('@')
        ? groupOfHandle(client, name.slice(1))
        : answered(client.usergroups.users.list({ usergroup: name }), () => null),
  };
}

async function groupOfHandle(client: WebClient, handle: string): Promise<SlackAnswer> {
  const answer = await answered(client.usergroups.list(), ({ usergroups }) =>
    (usergroups ?? []).some((group) => group.handle === handle),
  );
  if (!answer.ok) return answer;
  return answer.value ? { ok: true, value: null } : { ok: false, code: 'no_such_subteam', why: `no group @${handle}` };
}

async function answered<A, T>(asking: Promise<A>, pick: (answer: A) => T): Promise<SlackAnswer<T>> {
  try {
    return { ok: true, value: pick(await asking) };
  } catch (error) {
    const why =
      error instanceof WebAPIRequestError
        ? failureReason(error.original, slackTimeoutMs)
        : thrown(threadErrorOf(error)).message.replace(/^Slack: /, '');
    return { ok: false, code: refusalCode(error), why };
  }
}
