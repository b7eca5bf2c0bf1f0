import { setTimeout } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import { LookError } from '../../model/look-error.ts';
import type { NodeAddress } from '../../model/ports.ts';
import { HelperChannel } from './helper-channel.ts';
import type { HelperWay, NodeConnection } from './helper-way.ts';

interface LinkOptions {
  readonly way: HelperWay;
  /** An unused connection is closed after this time. */
  readonly idleMs: number;
  /** How many connections may be in their handshake at once. */
  readonly dialing: LimitFunction;
}

/** What opening cost: told to the caller whose command opened something. */
export type OnExchange = () => void;

const retryAfterMs = () => 200 + Math.random() * 500;

/** The one connection to a node, and the helper's channel on it: opened by the first command, closed when idle. */
export class NodeLink {
  readonly #node: NodeAddress;
  readonly #options: LinkOptions;
  #connection: Promise<NodeConnection> | null = null;
  /** Gives up the connection that is being opened. */
  #dialing = new AbortController();
  #channel: Promise<HelperChannel> | null = null;
  #live: HelperChannel | null = null;
  #users = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(node: NodeAddress, options: LinkOptions) {
    this.#node = node;
    this.#options = options;
  }

  get way(): HelperWay {
    return this.#options.way;
  }

  /**
   * Uses the helper's channel; the connection stays open for as long as someone does.
   * @throws LookError when there is no connection to be had
   */
  async use<T>(onExchange: OnExchange, work: (channel: HelperChannel) => Promise<T>): Promise<T> {
    globalThis.clearTimeout(this.#idle);
    this.#users += 1;
    try {
      return await work(await this.#open(onExchange));
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#idle = globalThis.setTimeout(() => this.closeSoon(), this.#options.idleMs).unref();
    }
  }

  async close(): Promise<void> {
    globalThis.clearTimeout(this.#idle);
    const [connection, channel] = [this.#connection, this.#live];
    this.#connection = null;
    this.#forgetChannel();
    channel?.abandon();
    this.#dialing.abort();
    this.#dialing = new AbortController();
    const open = await connection?.catch(() => null);
    open?.cut();
  }

  /** Closes it where nobody waits. */
  closeSoon(): void {
    this.close().catch(() => undefined);
  }

  #open(onExchange: OnExchange): Promise<HelperChannel> {
    if (this.#live?.retired === true) this.#forgetChannel();
    this.#channel ??= this.#start(onExchange).then(
      (channel) => (this.#live = channel),
      (error: unknown) => {
        this.#forgetChannel();
        throw error;
      },
    );
    return this.#channel;
  }

  #forgetChannel(): void {
    this.#live = null;
    this.#channel = null;
  }

  async #start(onExchange: OnExchange): Promise<HelperChannel> {
    const { way } = this.#options;
    const connection = await this.#connected(onExchange);
    onExchange();
    try {
      return await HelperChannel.open(connection, {
        label: way.label(this.#node.name),
        timeoutMs: way.startTimeoutMs,
        lostCode: way.lostCode,
        // A helper that ended under a command, or broke its rules: the connection is not to be trusted either.
        onClosed: (lost) => {
          if (lost !== null) connection.cut();
        },
      });
    } catch (error) {
      connection.cut();
      throw error;
    }
  }

  #connected(onExchange: OnExchange): Promise<NodeConnection> {
    if (this.#connection !== null) return this.#connection;
    const connection = this.#connect(onExchange);
    const forget = () => {
      if (this.#connection === connection) this.#connection = null;
    };
    connection.then((open) => open.onceClosed(forget), forget);
    this.#connection = connection;
    return connection;
  }

  async #connect(onExchange: OnExchange): Promise<NodeConnection> {
    const { signal } = this.#dialing;
    const { way, dialing } = this.#options;
    const dial = () => {
      onExchange();
      return dialing(() => way.connect(this.#node, signal));
    };
    try {
      return await dial();
    } catch (error) {
      // sshd refuses some of many handshakes at once (MaxStartups), so this one is tried again a little later.
      if (!(error instanceof LookError) || error.code !== way.lostCode || signal.aborted) throw error;
      await setTimeout(retryAfterMs());
      return dial();
    }
  }
}
