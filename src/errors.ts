/** Errors that people meet: one table of code → what happened, what to do next, whether a retry may help, exit code. */
import type { ErrorEntry } from './model/error-entry.ts';

export const errorTable = {
  usage: {
    message: 'the command line is not complete or not valid',
    next: 'See calico-chatops --help.',
    retryable: false,
    exit: 3,
  },
  configuration: {
    message: 'the configuration is not complete or not valid',
    next: 'Set it in the environment or in the file that CALICO_CHATOPS_CONFIG names, then run calico-chatops doctor.',
    retryable: false,
    exit: 3,
  },
  'unknown-cluster': {
    message: 'the configuration does not name this cluster',
    next: 'Name a cluster of the configuration, or leave it out.',
    retryable: false,
    exit: 3,
  },
  'unknown-namespace': {
    message: 'the namespace does not exist',
    next: 'List the namespaces with kubectl get namespaces.',
    retryable: false,
    exit: 3,
  },
  'unknown-pod': {
    message: 'the pod does not exist',
    next: 'List the pods with kubectl get pods -A.',
    retryable: false,
    exit: 3,
  },
  'unknown-service': {
    message: 'the Service does not exist',
    next: 'List the Services with kubectl get services -A.',
    retryable: false,
    exit: 3,
  },
  'unknown-workload': {
    message: 'the workload does not exist',
    next: 'List the workloads with kubectl get deployments,statefulsets,daemonsets -A.',
    retryable: false,
    exit: 3,
  },
  'unknown-node': {
    message: 'the node does not exist',
    next: 'List the nodes with kubectl get nodes.',
    retryable: false,
    exit: 3,
  },
  'unknown-run': {
    message: 'no run of this id is stored',
    next: 'Copy the id from the thread, or from the output of diagnose.',
    retryable: false,
    exit: 3,
  },
  'unknown-plan': {
    message: 'no plan of this id is stored',
    next: 'List the plans with calico-chatops fix list.',
    retryable: false,
    exit: 3,
  },
  'unknown-rule': {
    message: 'there is no such rule',
    next: 'List the rules with calico-chatops explain.',
    retryable: false,
    exit: 3,
  },
  'unreadable-case': {
    message: 'the folder does not hold a case',
    next: 'Give a folder that diagnose --case wrote.',
    retryable: false,
    exit: 3,
  },
  'wrong-state': {
    message: 'the plan is in another state',
    next: 'See its state with calico-chatops fix show.',
    retryable: false,
    exit: 3,
  },
  'run-ended': {
    message: 'the run has ended',
    next: 'Start a new one with calico-chatops diagnose.',
    retryable: false,
    exit: 3,
  },
  'not-allowed': {
    message: 'this person or this key may not decide',
    next: 'See APPROVERS and APPROVAL_KEY_FILE in the README.',
    retryable: false,
    exit: 3,
  },
  'not-yet': {
    message: 'this version cannot do it',
    next: 'Update calico-chatops.',
    retryable: false,
    exit: 3,
  },
  'invalid-alert': {
    message: 'the body is not a delivery of Alertmanager, version 4',
    next: 'Point a webhook receiver of Alertmanager at this address.',
    retryable: false,
    exit: 3,
  },
  'store-unreachable': {
    message: 'Redis does not answer',
    next: 'Check that Redis runs and that REDIS_URL is right, then retry.',
    retryable: true,
    exit: 4,
  },
  'queue-unreachable': {
    // Redis holds the queue: a person who reads this has one thing to look at.
    message: 'Redis does not answer',
    next: 'Check that Redis runs and that REDIS_URL is right, then retry.',
    retryable: true,
    exit: 4,
  },
  'worker-ended': {
    message: 'the worker ended before it was done',
    next: 'Diagnose again. If it happens again, read the log of the worker.',
    retryable: true,
    exit: 4,
  },
  'cannot-listen': {
    message: 'the address cannot be used',
    next: 'Choose another LISTEN, or end the program that uses the address.',
    retryable: false,
    exit: 3,
  },
  'slack-refused': {
    message: 'Slack refused the bot',
    next: 'Check the tokens, the scopes and SLACK_API_URL.',
    retryable: false,
    exit: 3,
  },
  internal: {
    message: 'the program failed',
    next: 'This is a bug. Please report it.',
    retryable: false,
    exit: 4,
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
export type ErrorCode = keyof typeof errorTable;

/** An error that a person is told in one line. */
export class ProgramError extends Error {
  readonly code: ErrorCode;
  /** What to do about this very error; null: what the table says. */
  readonly next: string | null;
  constructor(code: ErrorCode, message: string, options: { cause?: unknown; next?: string } = {}) {
    super(message, options);
    this.name = 'ProgramError';
    this.code = code;
    this.next = options.next ?? null;
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
  const said = (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim());
  const own = said.filter((line) => line !== '').join('; ');
  return {
    code,
    ...errorTable[code],
    ...(error instanceof ProgramError && error.next !== null ? { next: error.next } : {}),
    message: own === '' ? errorTable[code].message : own,
  };
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof ProgramError) return error.code;
  return (error instanceof Error && byName.get(error.name)) || 'internal';
}

/** Errors that the ports throw. */
const byName: ReadonlyMap<string, ErrorCode> = new Map([
  ['QueueUnreachable', 'queue-unreachable'],
  ['TooLate', 'queue-unreachable'],
  ['UnknownQueue', 'unknown-cluster'],
  ['StoreUnreachable', 'store-unreachable'],
]);
