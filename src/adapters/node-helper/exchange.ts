import { commandLine, fillTemplate } from '../../model/command-line.ts';
import type { CommandRequest, RunningCommand, Transcript } from '../../model/command.ts';
import { afterAwake } from '../awake-timer.ts';
import { LookError } from '../../model/look-error.ts';
import { keptOutput } from './kept-output.ts';
import type { EndedFrame, Head } from './frames.ts';

/** What the node may need beyond the command's own limit: 2 s until KILL, and the way back. */
const graceMs = 3000;
const firstSignalExit = 128;
const lastSignalExit = 128 + 64;

/** What the helper keeps of standard error (deploy/node/README.md). */
const mostErrorBytes = 64 * 1024;
/** Of what the node gives as a reason. */
const longestReason = 500;
/** Above a command's own limit: no honest helper needs it, and it is too little to hurt. */
const toleratedBytes = 64 * 1024;
/** What all nodes together may send in one run, and one node alone: it may not use up what the others need. */
const mostBytesARun = 64 * 1024 * 1024;
const mostBytesANode = 48 * 1024 * 1024;

/** What a run has cost on one node. */
export interface Cost {
  exchanges: number;
  bytesIn: number;
  bytesOut: number;
  /** The same for all nodes of the run. */
  readonly run: { bytesIn: number };
}

/** Returns why a run may read no more of this node; null: it may. */
export function overBudget(node: string, { bytesIn, run }: Cost): LookError | null {
  if (bytesIn > mostBytesANode)
    return new LookError('output-too-large', `${node}: sent more than ${mostBytesANode} bytes in this run`);
  return run.bytesIn > mostBytesARun
    ? new LookError('output-too-large', `${node}: the nodes sent more than ${mostBytesARun} bytes in this run`)
    : null;
}

/** One command on its way: from the request line to the frame that answers it. */
export class Exchange implements RunningCommand {
  readonly ready: Promise<void>;
  readonly result: Promise<Transcript>;
  readonly #node: string;
  /** How messages name the node. */
  readonly #label: string;
  readonly #request: CommandRequest;
  readonly #command: string;
  readonly #cost: Cost;
  readonly #ready = Promise.withResolvers<void>();
  readonly #result = Promise.withResolvers<Transcript>();
  #sendStop: () => void = () => this.neverBegan();
  #settled = false;
  #saidReady = false;
  #at = new Date();
  #stopTimer: (() => void) | undefined;

  /**
   * @param label how messages name the node
   * @param cost where its bytes are added up
   * @throws TypeError when a value does not fit the template
   */
  constructor(node: string, label: string, request: CommandRequest, cost: Cost) {
    this.#node = node;
    this.#label = label;
    this.#request = request;
    const { argv, input } = fillTemplate(request.command, request.params);
    this.#command = commandLine(argv, input);
    this.#cost = cost;
    this.ready = this.#ready.promise;
    this.result = this.#result.promise;
    // Who starts a command may look at one of the two only.
    this.ready.catch(() => undefined);
    this.result.catch(() => undefined);
  }

  /** Stopped or given up already. */
  get settled(): boolean {
    return this.#settled;
  }

  stop(): void {
    if (!this.#settled) this.#sendStop();
  }

  /**
   * Starts its time and gives the request line.
   * @param sendStop asks the node to end it
   * @param onTimeout told when the node did not answer within the command's limit and 3 s
   */
  begin(id: number, sendStop: () => void, onTimeout: () => void): string {
    const { command, params } = this.#request;
    this.#sendStop = sendStop;
    this.#at = new Date();
    this.#stopTimer = afterAwake(command.timeoutSeconds * 1000 + graceMs, () => {
      this.lose(
        new LookError(
          'timeout',
          `${this.#label}: no answer of the node ` +
            `within ${command.timeoutSeconds + graceMs / 1000} s: ${this.#command}`,
        ),
      );
      onTimeout();
    });
    if (command.readyWhen === undefined) this.#ready.resolve();
    const values = Object.entries(params)
      .map(([name, value]) => ` ${name}=${value}`)
      .join('');
    const line = `${id} ${command.id}${values}\n`;
    this.#cost.bytesOut += Buffer.byteLength(line);
    return line;
  }

  /**
   * Counts what a frame announces, before it comes.
   * @returns whether anybody waits for it and the run may still read it
   * @throws Error when it announces more than the command may print
   */
  admit({ outBytes, errBytes, bytes }: Head): boolean {
    const { maxBytes } = this.#request.command;
    this.#cost.bytesIn += bytes;
    this.#cost.run.bytesIn += bytes;
    if (outBytes > maxBytes + toleratedBytes)
      throw new Error(`${outBytes} bytes were announced, and ${maxBytes} are allowed: ${this.#command}`);
    if (errBytes > mostErrorBytes)
      throw new Error(
        `${errBytes} bytes of standard error were announced, and ${mostErrorBytes} are allowed: ${this.#command}`,
      );
    const over = overBudget(this.#label, this.#cost);
    if (over !== null) this.lose(over);
    return !this.#settled;
  }

  /** @throws Error when it was ready before: an honest helper says so once */
  isReady(): void {
    if (this.#saidReady) throw new Error(`twice ready: ${this.#command}`);
    this.#saidReady = true;
    this.#ready.resolve();
  }

  end(frame: EndedFrame): void {
    const truncated = frame.flags.includes('truncated');
    if (frame.flags.includes('refused')) {
      this.lose(
        new LookError(
          'node-helper-missing',
          `${this.#label}: its helper refused: ${frame.stderr.toString('utf8', 0, longestReason)}`,
        ),
      );
      return;
    }
    const timedOut = frame.flags.includes('timeout');
    const signalled = frame.exit !== null && frame.exit > firstSignalExit && frame.exit <= lastSignalExit;
    this.#finish({
      exit: timedOut || signalled ? null : frame.exit,
      durationMs: frame.durationMs,
      timedOut,
      truncated,
      stdout: keptOutput(this.#request.command, decode(frame.stdout, truncated)),
      stderr: decode(frame.stderr, true),
    });
  }

  /** It was stopped before it was sent. */
  neverBegan(): void {
    this.#finish({ exit: null, durationMs: 0, timedOut: false, truncated: false, stdout: '', stderr: '' });
  }

  lose(error: LookError): void {
    this.#stopTimer?.();
    this.#settled = true;
    this.#ready.reject(error);
    this.#result.reject(error);
  }

  #finish(outcome: Omit<Transcript, 'node' | 'command' | 'at' | 'file'>): void {
    this.#stopTimer?.();
    this.#settled = true;
    this.#ready.reject(
      new LookError('command-failed', `${this.#label}: it ended before it was under way: ${this.#command}`),
    );
    this.#result.resolve({
      node: this.#node,
      command: this.#command,
      at: this.#at.toISOString(),
      ...outcome,
      file: null,
    });
  }
}

/** UTF-8 text; a character that a limit has cut in two is left out. */
function decode(bytes: Buffer, cut: boolean): string {
  return new TextDecoder('utf-8').decode(bytes, { stream: cut });
}
