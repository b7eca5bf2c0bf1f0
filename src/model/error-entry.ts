/** One row of the table of errors. */
export interface ErrorEntry {
  /** What happened, where the error itself does not say more; begins small, without a full stop. */
  readonly message: string;
  /** What an operator can do now; a whole sentence. */
  readonly next: string;
  /** The same request may succeed later without any change: queues deliver it again, and people are told to retry. */
  readonly retryable: boolean;
  /** Exit code of the command line. */
  readonly exit: 3 | 4;
}
