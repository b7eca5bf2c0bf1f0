import { commandLine, fillTemplate } from '../../model/command-line.ts';
import type { CommandRequest, RunningCommand, Transcript } from '../../model/command.ts';
import { LookError } from '../../model/look-error.ts';
import { keptOutput } from './kept-output.ts';
import type { EndedFrame } from './frames.ts';

/** What the node may need beyond the command's own limit: 2 s until KILL, and the way back. */
const graceMs = 3000;
const firstSignalExit = 128;
const lastSignalExit = 128 + 64;

/** What a run has cost on one node. */
export interface Cost {
  exchanges: number;
  bytesIn: number;
  bytesOut: number;
}

/** One command on its way: from the request line to the frame that answers it. */
export class Exchange implements RunningCommand {
  readonly ready: Promise<void>;
  readonly result: Promise<Transcript>;
  readonly #node: string;
  readonly #request: CommandRequest;
  readonly #command: string;
  readonly #cost: Cost;
  readonly #ready = Promise.withResolvers<void>();
  readonly #result = Promise.withResolvers<Transcript>();
  #sendStop: () => void = () => this.neverBegan();
  #settled = false;
  #at = new Date();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param cost where its bytes are added up
   * @throws TypeError when a value does not fit the template
   */
  constructor(node: string, request: CommandRequest, cost: Cost) {
    this.#node = node;
    this.#request = request;
    this.#command = commandLine(fillTemplate(request.template, request.params));
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
    const { template, params, stdin } = this.#request;
    this.#sendStop = sendStop;
    this.#at = new Date();
    this.#timer = setTimeout(() => {
      this.lose(new LookError('timeout', `${this.#node}: no answer of the node within ${template.timeoutSeconds + graceMs / 1000} s: ${this.#command}`));
      onTimeout();
    }, template.timeoutSeconds * 1000 + graceMs);
    if (template.readyWhen === undefined) this.#ready.resolve();
    const values = Object.entries(params).map(([name, value]) => ` ${name}=${value}`).join('');
    const input = stdin === undefined ? '' : ` stdin=${Buffer.from(stdin, 'utf8').toString('base64')}`;
    const line = `${id} ${this.#request.id}${values}${input}\n`;
    this.#cost.bytesOut += Buffer.byteLength(line);
    return line;
  }

  isReady(): void {
    this.#ready.resolve();
  }

  end(frame: EndedFrame): void {
    this.#cost.bytesIn += frame.bytes;
    const truncated = frame.flags.includes('truncated');
    if (frame.flags.includes('refused')) {
      this.lose(new LookError('node-helper-missing', `${this.#node}: its helper refused: ${frame.stderr.toString('utf8')}`));
      return;
    }
    const timedOut = frame.flags.includes('timeout');
    const signalled = frame.exit !== null && frame.exit > firstSignalExit && frame.exit <= lastSignalExit;
    this.#finish({
      exit: timedOut || signalled ? null : frame.exit, durationMs: frame.durationMs, timedOut, truncated,
      stdout: keptOutput(this.#request.template, decode(frame.stdout, truncated)), stderr: decode(frame.stderr, true),
    });
  }

  /** It was stopped before it was sent. */
  neverBegan(): void {
    this.#finish({ exit: null, durationMs: 0, timedOut: false, truncated: false, stdout: '', stderr: '' });
  }

  lose(error: LookError): void {
    clearTimeout(this.#timer);
    this.#settled = true;
    this.#ready.reject(error);
    this.#result.reject(error);
  }

  #finish(outcome: Omit<Transcript, 'node' | 'command' | 'at' | 'file'>): void {
    clearTimeout(this.#timer);
    this.#settled = true;
    this.#ready.reject(new LookError('command-failed', `${this.#node}: it ended before it was under way: ${this.#command}`));
    this.#result.resolve({ node: this.#node, command: this.#command, at: this.#at.toISOString(), ...outcome, file: null });
  }
}

/** UTF-8 text; a character that a limit has cut in two is left out. */
function decode(bytes: Buffer, cut: boolean): string {
  return new TextDecoder('utf-8').decode(bytes, { stream: cut });
}
