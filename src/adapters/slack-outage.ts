/** What the log says while Slack is away: a line when that begins or its reason changes, and one when it is over. */
export interface SlackOutage {
  /** @param connection the one that could not be made */
  readonly failed: (connection: object, error: unknown) => void;
  readonly up: (connection: object) => void;
}

/** Of all connections of a bot: they are lost together. */
export function createSlackOutage(log: (level: 'info' | 'warn', text: string) => void): SlackOutage {
  const away = new Set<object>();
  let told: string | null = null;
  return {
    failed(connection, error) {
      away.add(connection);
      const why = reasonOf(error);
      if (why === told) return;
      told = why;
      log('warn', `Slack does not answer over Socket Mode (${why}). Trying again, at least every 40 s`);
    },
    up(connection) {
      if (!away.delete(connection) || away.size > 0) return;
      told = null;
      log('info', 'Slack answers over Socket Mode again');
    },
  };
}

/** Errors of `fetch` say no more than that it failed: their innermost cause says why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection closed';
  const { original } = error as { readonly original?: unknown };
  const cause = original ?? error.cause;
  if (cause instanceof Error) return reasonOf(cause);
  const { code } = error as { readonly code?: unknown };
  return error.message === '' ? (typeof code === 'string' ? code : 'the connection closed') : error.message;
}

/** What the SDK says of each failed attempt to connect, which the outage says once. */
export function isOfOutage(text: string): boolean {
  return /^(?:http request failed|WebSocket error|Failed to retrieve a new WSS URL)\b/.test(text);
}
