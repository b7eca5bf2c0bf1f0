/** The port to what Slack says of the set-up of the app. */

/** One answer of Slack. `code` null: Slack did not answer, or not as Slack does. */
export type SlackAnswer<T = null> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string | null; readonly why: string };

/** Codes with which Slack refuses a token, whatever is asked with it: asking again with the same one changes nothing. */
export const tokenRefusals: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'user_removed_from_team',
  'team_disabled',
]);

/** Questions to Slack that change nothing. */
export interface SlackQuestions {
  /** Who the bot token is, and what it may do; `scopes` null: Slack did not say. */
  bot(): Promise<SlackAnswer<{ readonly name: string; readonly scopes: readonly string[] | null }>>;
  /** Whether the app-level token opens a connection of Socket Mode; null: no such token is set. */
  readonly socket: (() => Promise<SlackAnswer>) | null;
  /** Whether the bot is in the channel of this id. */
  channel(id: string): Promise<SlackAnswer>;
  user(id: string): Promise<SlackAnswer>;
  /** By id or @handle. */
  group(name: string): Promise<SlackAnswer>;
}
