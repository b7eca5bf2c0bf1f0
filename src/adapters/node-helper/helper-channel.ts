import { LookError } from '../../model/look-error.ts';
import { afterAwake } from '../awake-timer.ts';
import { thrown } from '../thrown.ts';
import { FrameReader, type Frame, type Head } from './frames.ts';
import type { Exchange } from './exchange.ts';
import type { HelperInput, LostCode, NodeConnection } from './helper-way.ts';

/** The helper ends itself after 180 s; a command may take 60 s and must not be caught by that. */
const takesCommandsForMs = 110_000;
/** As many as the helper runs at once. What waits here has not begun its time limit. */
const atOnce = 8;
/** The helper itself prints nothing there; sudo and a login shell may say a few lines. */
const mostErrorBytes = 64 * 1024;
/** Enough to say why the helper did not start. */
const keptErrorCharacters = 2000;

/** Told when no more commands can be sent; with the reason when the connection is not to be used again. */
type OnClosed = (reason: LookError | null) => void;

/** How a channel is opened. */
export interface ChannelOptions {
  /** How messages name the node. */
  readonly label: string;
  /** How long the helper may take to greet. */
  readonly timeoutMs: number;
  readonly lostCode: LostCode;
  /** Told once when no more commands can be sent, with the reason if the connection is not to be used again. */
  readonly onClosed: OnClosed;
}

/** One run of the node's helper, with many commands at once. */
export class HelperChannel {
  readonly #node: string;
  readonly #lostCode: LostCode;
  readonly #reader = new FrameReader((head) => this.#admit(head));
  readonly #running = new Map<number, Exchange>();
  /** Nobody waits for these any more, but the helper may still answer them. */
  readonly #abandoned = new Map<number, Exchange>();
  readonly #waiting: Exchange[] = [];
  readonly #opened = performance.now();
  readonly #onClosed: OnClosed;
  readonly #greeted = Promise.withResolvers<void>();
  #input: HelperInput = { write: () => undefined, end: () => undefined };
  #lastId = 0;
  #errors = '';
  #errorBytes = 0;
  #exited = false;
  /** Why it ended, as the way to the node says it. */
  #exitReason = '';
  #notStarted: 'exec-refused' | undefined;
  #retired = false;
  #refused = false;
  #closed: LookError | null = null;

  private constructor({ label, lostCode, onClosed }: ChannelOptions) {
    this.#node = label;
    this.#lostCode = lostCode;
    this.#onClosed = onClosed;
    this.#greeted.promise.catch(() => undefined);
  }

  /**
   * Starts the helper and waits for its greeting.
   * @throws LookError `node-helper-missing`, `exec-refused`, `node-answer-invalid`, the lost code, or `timeout` when it
   * does not greet in time
   */
  static async open(connection: NodeConnection, options: ChannelOptions): Promise<HelperChannel> {
    const { label, timeoutMs } = options;
    const timer = Promise.withResolvers<never>();
    const stop = afterAwake(timeoutMs, () =>
      timer.reject(new LookError('timeout', `${label}: the node helper did not start within ${timeoutMs} ms`)),
    );
    try {
      return await Promise.race([timer.promise, new HelperChannel(options).#start(connection)]);
    } finally {
      stop();
    }
  }

  async #start(connection: NodeConnection): Promise<this> {
    this.#input = await connection.start({
      output: (chunk) => this.#guarded(() => this.#receive(chunk)),
      errors: (chunk) => this.#guarded(() => this.#receiveError(chunk)),
      exited: (why, code) => {
        this.#exited = true;
        this.#exitReason = why ?? '';
        this.#notStarted = code;
      },
      broken: (why) => this.#refuse(new Error(why)),
      closed: () => this.#guarded(() => this.#close(this.#lost())),
    });
    await this.#greeted.promise;
    return this;
  }

  /** Takes no more commands: it is closed, or too old. What runs goes on. */
  get retired(): boolean {
    if (!this.#retired && performance.now() - this.#opened > takesCommandsForMs) this.retire();
    return this.#retired;
  }

  get idle(): boolean {
    return this.#running.size + this.#waiting.length === 0;
  }

  /** Sends no new commands, and ends the helper when the last one has ended. */
  retire(): void {
    this.#retired = true;
    if (this.idle) this.#input.end();
  }

  /** The connection is closed at this end: what runs is lost, and nothing more is read. */
  abandon(): void {
    this.#refused = true;
    this.#close(new LookError(this.#lostCode, `${this.#node}: the connection was closed`));
  }

  /** Sends a command, as soon as fewer than eight run. */
  send(exchange: Exchange): void {
    this.#waiting.push(exchange);
    if (this.#closed === null) this.#fill();
    else this.#close(this.#closed);
  }

  #fill(): void {
    while (this.#running.size < atOnce) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      if (next.settled) continue;
      const id = (this.#lastId += 1);
      this.#running.set(id, next);
      this.#input.write(
        next.begin(
          id,
          () => this.#stop(id),
          () => this.#guarded(() => this.#forget(id)),
        ),
      );
    }
    if (this.#retired && this.idle) this.#input.end();
  }

  /** Our own time limit for it is over; should its frame come after all, nobody waits for it. */
  #forget(id: number): void {
    const exchange = this.#running.get(id);
    if (exchange === undefined) return;
    this.#stop(id);
    this.#running.delete(id);
    this.#abandoned.set(id, exchange);
    // The helper ends commands in time: one that leaves so many unanswered is not at work.
    if (this.#abandoned.size <= atOnce) return this.#fill();
    const error = new LookError('timeout', `${this.#node}: ${this.#abandoned.size} commands were never answered`);
    this.#close(error, error);
  }

  #stop(id: number): void {
    if (this.#closed === null) this.#input.write(`stop ${id}\n`);
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #receive(chunk: Buffer): void {
    // The server may go on sending after the channel was closed.
    if (this.#refused) return;
    for (const frame of this.#reader.push(chunk)) this.#take(frame);
  }

  #receiveError(chunk: Buffer): void {
    if (this.#refused) return;
    this.#errorBytes += chunk.length;
    if (this.#errorBytes > mostErrorBytes)
      throw new Error(`it printed more than ${mostErrorBytes} bytes to standard error`);
    this.#errors = (this.#errors + chunk.toString('utf8')).slice(-keptErrorCharacters);
  }

  /** The node broke the helper's rules: nothing more is read from it. */
  #refuse(cause: unknown): void {
    this.#refused = true;
    const code =
      this.#lastId === 0 && this.#errorBytes <= mostErrorBytes ? 'node-helper-missing' : 'node-answer-invalid';
    const error = new LookError(
      code,
      `${this.#node}: the node broke the helper's protocol, and the connection was closed: ${thrown(cause).message}`,
      { cause },
    );
    this.#close(error, error);
  }

  /** @throws Error for a frame that nobody asked for, or that announces too much */
  #admit(head: Head): boolean {
    const exchange = this.#running.get(head.id) ?? this.#abandoned.get(head.id);
    if (exchange === undefined) throw new Error(`request ${head.id} is not running`);
    return exchange.admit(head);
  }

  #take(frame: Frame): void {
    if (frame.kind === 'greeting') {
      if (frame.version !== 1) throw new Error(`the node helper speaks version ${frame.version}, not 1`);
      this.#greeted.resolve();
    } else if (frame.kind === 'ready') {
      const exchange = this.#running.get(frame.id) ?? this.#abandoned.get(frame.id);
      if (exchange === undefined) throw new Error(`request ${frame.id} is not running`);
      exchange.isReady();
    } else {
      if (frame.kind === 'ended') this.#running.get(frame.id)?.end(frame);
      this.#running.delete(frame.id);
      this.#abandoned.delete(frame.id);
      this.#fill();
    }
  }

  #lost(): LookError {
    const said = this.#errors.trim().split('\n').at(-1) || this.#exitReason;
    const reason = said === '' ? '' : `: ${said.slice(0, 300)}`;
    if (!this.#exited) return new LookError(this.#lostCode, `${this.#node}: the connection was lost${reason}`);
    if (this.#lastId === 0 && this.#notStarted !== undefined)
      return new LookError(this.#notStarted, `${this.#node}: the helper was not started${reason}`);
    if (this.#lastId === 0)
      return new LookError('node-helper-missing', `${this.#node}: the node helper did not start${reason}`);
    return new LookError(this.#lostCode, `${this.#node}: the node helper ended${reason}`);
  }

  /** @param unusable why the connection is not to be used again, also when no command was lost */
  #close(error: LookError, unusable: LookError | null = null): void {
    this.#greeted.reject(error);
    const first = this.#closed === null;
    this.#closed ??= error;
    this.#retired = true;
    const lost = [...this.#running.values(), ...this.#waiting.splice(0)];
    this.#running.clear();
    this.#abandoned.clear();
    for (const exchange of lost) exchange.lose(error);
    if (first || unusable !== null) this.#onClosed(unusable ?? (lost.length > 0 ? error : null));
  }
}
