/** What we look at in something thrown. Not by `instanceof`: errors of other realms are errors too. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
  /** Where ssh2 says the error came from. */
  readonly level: string | null;
  readonly cause: unknown;
}

const text = (value: unknown) => (typeof value === 'string' ? value : null);

export function thrown(error: unknown): Thrown {
  const fields: Partial<Record<keyof Thrown, unknown>> =
    typeof error === 'object' && error !== null ? error : { message: String(error) };
  return {
    name: text(fields.name) ?? '',
    message: text(fields.message) ?? '',
    code: text(fields.code),
    level: text(fields.level),
    cause: fields.cause ?? null,
  };
}
