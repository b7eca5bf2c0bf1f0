/** Errors that people meet: one table of code → what to do next, whether trying again may help, and the exit code. */
interface ErrorEntry {
  /** What the person can do now; a whole sentence. */
  readonly next: string;
  readonly retryable: boolean;
  readonly exit: 3 | 4;
}

export const errorTable = {
  usage: { next: 'Run calico-chatops --help.', retryable: false, exit: 3 },
  configuration: { next: 'Set it in the environment or in the file that CALICO_CHATOPS_CONFIG names.', retryable: false, exit: 3 },
  'unknown-cluster': { next: 'Name a cluster of the configuration, or leave out --cluster.', retryable: false, exit: 3 },
  'unknown-namespace': { next: 'Run kubectl get namespaces.', retryable: false, exit: 3 },
  'unknown-pod': { next: 'Run kubectl get pods.', retryable: false, exit: 3 },
  'unknown-node': { next: 'Run kubectl get nodes.', retryable: false, exit: 3 },
  'unknown-plan': { next: 'Run calico-chatops fix list.', retryable: false, exit: 3 },
  'unknown-rule': { next: 'Run calico-chatops explain to list the rules.', retryable: false, exit: 3 },
  'unreadable-case': { next: 'Give a folder that diagnose --case wrote.', retryable: false, exit: 3 },
  'wrong-state': { next: 'Run calico-chatops fix show to see its state.', retryable: false, exit: 3 },
  'not-allowed': { next: 'See APPROVERS and APPROVAL_KEY_FILE in the README.', retryable: false, exit: 3 },
  'not-yet': { next: 'This version does not support it.', retryable: false, exit: 3 },
  'store-unreachable': { next: 'Check that Redis runs and that REDIS_URL is right, then retry.', retryable: true, exit: 4 },
  'queue-unreachable': { next: 'Check that Redis runs and that REDIS_URL is right, then retry.', retryable: true, exit: 4 },
  'cannot-listen': { next: 'Set another LISTEN, or stop the program that uses the address.', retryable: false, exit: 3 },
  'slack-refused': { next: 'Check the tokens, their scopes and SLACK_API_URL.', retryable: false, exit: 3 },
  internal: { next: 'This is a bug. Please report it.', retryable: false, exit: 4 },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
export type ErrorCode = keyof typeof errorTable;

/** An error that a person is told in one line. */
export class ProgramError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ProgramError';
    this.code = code;
  }
}

export interface DescribedError extends ErrorEntry {
  readonly code: ErrorCode;
  /** What happened, in one line. */
  readonly message: string;
}

/** Any error as the table has it; what is not of the table is `internal`. */
export function describeError(error: unknown): DescribedError {
  const code = codeOf(error);
  const message = (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim()).filter((line) => line !== '').join('; ');
  return { code, message, ...errorTable[code] };
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof ProgramError) return error.code;
  return error instanceof Error && error.name === 'QueueUnreachable' ? 'queue-unreachable' : 'internal';
}
