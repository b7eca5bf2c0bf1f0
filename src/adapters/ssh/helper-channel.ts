import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import { LookError } from '../../model/look-error.ts';
import { thrown } from '../thrown.ts';
import { FrameReader, type EndedFrame, type Frame } from './frames.ts';
import type { Exchange } from './exchange.ts';

/** The helper ends itself after 180 s; a command may take 60 s and must not be caught by that. */
const takesCommandsForMs = 110_000;
/** As many as the helper runs at once. What waits here has not begun its time limit. */
const atOnce = 8;

/** One run of the node's helper over one SSH channel, with many commands at once. */
export class HelperChannel {
  readonly #node: string;
  readonly #channel: ClientChannel;
  readonly #reader = new FrameReader();
  readonly #running = new Map<number, Exchange>();
  readonly #waiting: Exchange[] = [];
  readonly #opened = performance.now();
  readonly #onClosed: (error: LookError | null) => void;
  readonly #greeted = Promise.withResolvers<void>();
  #lastId = 0;
  #errors = '';
  #exited = false;
  #retired = false;
  #closed: LookError | null = null;

  private constructor(node: string, channel: ClientChannel, onClosed: (error: LookError | null) => void) {
    this.#node = node;
    this.#channel = channel;
    this.#onClosed = onClosed;
    channel.on('data', (chunk: Buffer) => this.#receive(chunk));
    channel.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString('utf8')).slice(-2000);
    });
    channel.on('error', () => undefined);
    channel.on('exit', () => {
      this.#exited = true;
    });
    channel.on('close', () => this.#close(this.#lost()));
    this.#greeted.promise.catch(() => undefined);
  }

  /**
   * Starts the helper and waits for its greeting.
   * @param onClosed told once when no more commands can be sent, with the reason if commands were lost by it
   * @throws LookError `node-helper-missing`, `ssh-lost`, or `timeout` when it does not greet in time
   */
  static async open(node: string, ssh: NodeSSH, command: string, timeoutMs: number, onClosed: (error: LookError | null) => void): Promise<HelperChannel> {
    const timer = Promise.withResolvers<never>();
    const timeout = setTimeout(() => timer.reject(new LookError('timeout', `${node}: the node helper did not start within ${timeoutMs} ms`)), timeoutMs);
    try {
      return await Promise.race([timer.promise, HelperChannel.#start(node, ssh, command, onClosed)]);
    } finally {
      clearTimeout(timeout);
    }
  }

  static async #start(node: string, ssh: NodeSSH, command: string, onClosed: (error: LookError | null) => void): Promise<HelperChannel> {
    const client = ssh.connection;
    if (client === null) throw new LookError('ssh-lost', `${node}: the connection is gone`);
    const opened = Promise.withResolvers<HelperChannel>();
    const lost = (cause?: Error) => opened.reject(new LookError('ssh-lost', `${node}: no channel for the node helper: ${cause?.message ?? 'the connection is gone'}`, { cause }));
    const closed = () => lost();
    client.once('close', closed);
    // Listened to in the callback itself: how a program that ends at once ended may come in the same piece of data.
    client.exec(command, (error, channel) => (error ? lost(error) : opened.resolve(new HelperChannel(node, channel, onClosed))));
    try {
      const channel = await opened.promise;
      await channel.#greeted.promise;
      return channel;
    } finally {
      client.off('close', closed);
    }
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
    if (this.idle) this.#channel.end();
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
      this.#channel.write(next.begin(id, () => this.#stop(id), () => this.#forget(id)));
    }
    if (this.#retired && this.idle) this.#channel.end();
  }

  /** Our own time limit for it is over; should its frame come after all, nobody waits for it. */
  #forget(id: number): void {
    this.#stop(id);
    this.#running.delete(id);
    this.#fill();
  }

  #stop(id: number): void {
    if (this.#closed === null) this.#channel.write(`stop ${id}\n`);
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#take(frame);
    } catch (error) {
      const reason = thrown(error).message;
      this.#close(new LookError(this.#lastId === 0 ? 'node-helper-missing' : 'ssh-lost', `${this.#node}: ${reason}`, { cause: error }));
      this.#channel.close();
    }
  }

  #take(frame: Frame): void {
    if (frame.kind === 'greeting') {
      if (frame.version !== 1) throw new Error(`the node helper speaks version ${frame.version}, not 1`);
      this.#greeted.resolve();
    } else if (frame.kind === 'ready') {
      this.#running.get(frame.id)?.isReady();
    } else {
      this.#end(frame);
    }
  }

  #end(frame: EndedFrame): void {
    this.#running.get(frame.id)?.end(frame);
    this.#running.delete(frame.id);
    this.#fill();
  }

  #lost(): LookError {
    const said = this.#errors.trim().split('\n').at(-1) ?? '';
    const reason = said === '' ? '' : `: ${said.slice(0, 300)}`;
    if (!this.#exited) return new LookError('ssh-lost', `${this.#node}: the connection was lost${reason}`);
    if (this.#lastId === 0) return new LookError('node-helper-missing', `${this.#node}: the node helper did not start${reason}`);
    return new LookError('ssh-lost', `${this.#node}: the node helper ended${reason}`);
  }

  #close(error: LookError): void {
    this.#greeted.reject(error);
    const first = this.#closed === null;
    this.#closed ??= error;
    this.#retired = true;
    const lost = [...this.#running.values(), ...this.#waiting.splice(0)];
    this.#running.clear();
    for (const exchange of lost) exchange.lose(error);
    if (first) this.#onClosed(lost.length > 0 ? error : null);
  }
}
