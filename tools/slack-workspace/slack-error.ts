import type { Json } from './model.ts';

/**
 * A refusal in Slack's own words: the `error` of an `{ok:false}` answer.
 * `details` become `errors` and `response_metadata.messages`, as Slack reports invalid arguments.
 */
export class SlackError extends Error {
  readonly code: string;
  readonly details: readonly string[];
  readonly extra: Json;

  constructor(code: string, details: readonly string[] = [], extra: Json = {}) {
    super(details.length > 0 ? `${code}: ${details.join('; ')}` : code);
    this.name = 'SlackError';
    this.code = code;
    this.details = details;
    this.extra = extra;
  }

  /** The body of Slack's answer. */
  toAnswer(): Json {
    if (this.details.length === 0) return { ok: false, error: this.code, ...this.extra };
    return {
      ok: false,
      error: this.code,
      ...this.extra,
      errors: [...this.details],
      response_metadata: { messages: this.details.map((detail) => `[ERROR] ${detail}`) },
    };
  }
}
