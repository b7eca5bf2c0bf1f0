/**
 * A command that may be run on a node, as a template. Tokens of `argv` may hold placeholders `{name:type}`; the node's
 * helper accepts only templates of its allow-list (generated from these) and checks every value against its type.
 */
export interface CommandTemplate {
  readonly argv: readonly string[];
  /** Seconds after which the node ends the command (SIGTERM, then SIGKILL). At most 60. */
  readonly timeoutSeconds: number;
  /** Bytes of standard output kept; more is a blind spot, not a longer wait. */
  readonly maxBytes: number;
  /** A line of standard error that says the command is under way (a capture that is listening). */
  readonly readyWhen?: string;
  /** Takes standard input. */
  readonly stdin?: boolean;
  /** Changes something: only a fix may use it, and an operator may leave it out of the allow-list. */
  readonly writes?: boolean;
}

/** What a placeholder may hold; the node's helper checks the same patterns. */
export const parameterPatterns = {
  address: /^(?:\d{1,3}\.){3}\d{1,3}$/,
  cidr: /^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/,
  interface: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/,
  netns: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
  name: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/,
  set: /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,30}$/,
  number: /^\d{1,5}$/,
  hex: /^[0-9a-f]{1,32}$/,
} as const;
export type ParameterType = keyof typeof parameterPatterns;

/** One command asked for: the template's id in the allow-list, and the values of its placeholders. */
export interface CommandRequest {
  readonly id: string;
  readonly template: CommandTemplate;
  readonly params: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** What came back. `exit` null: the outcome is unknown or a signal ended it (see `timedOut`). */
export interface Transcript {
  readonly node: string;
  /** The command line as run. */
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly durationMs: number;
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly truncated: boolean;
  /** Where a saved case holds it, or null. */
  readonly file: string | null;
}

export interface RunningCommand {
  /** Settles when `readyWhen` was seen (at once for templates without it); rejects when the command ends before. */
  readonly ready: Promise<void>;
  /** Rejects with a LookError only when the outcome is unknown (connection, helper); a non-zero exit resolves. */
  readonly result: Promise<Transcript>;
  /** Ends the command (a capture that has seen enough); its result still arrives. */
  stop(): void;
}
