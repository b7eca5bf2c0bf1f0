import type { Questions } from './terminal-questions.ts';

/** Where a command writes, what it reads from outside, and when it has to stop. */
export interface Surroundings {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** As `out`, for text that a person reads: on a terminal, with colours and folded to its width. */
  readonly told: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts when the program is told to end. */
  readonly signal: AbortSignal;
  /** Shows one line that says what is being waited for, which replaces the one before; null: none. Terminals only. */
  readonly progress: (text: string | null) => void;
  /** Opens questions to the person at the terminal; null: there is none. */
  readonly questions: (() => Questions) | null;
}

/** What the program is given: raw, as the machine has it. */
export interface Streams extends Pick<Surroundings, 'environment' | 'signal'> {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard output, where it is a terminal. */
  readonly terminal?: Terminal | null;
  /** Writes to the terminal of standard error, where it is one. */
  readonly status?: ((text: string) => void) | null;
  /** Opens questions, where both standard input and output are a terminal. */
  readonly questions?: (() => Questions) | null;
}

export interface Terminal {
  readonly columns: number;
  readonly colours: boolean;
}

/** Forms in which a command prints what it found. */
export const formats = ['text', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];
export type DocumentFormat = Exclude<Format, 'text'>;

/** Exit codes (the contract with other programs). `cancelled`: as shells report an end by SIGINT. */
export const exitCode = {
  done: 0,
  healthy: 0,
  fault: 1,
  notApplied: 1,
  auditBroken: 1,
  limited: 1,
  inconclusive: 2,
  usage: 3,
  internal: 4,
  cancelled: 130,
} as const;
