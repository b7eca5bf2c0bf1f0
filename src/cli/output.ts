/** Where a command writes, what it reads from outside, and when it has to stop. */
export interface Surroundings {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts when the program is told to end. */
  readonly signal: AbortSignal;
}

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
