import { setTimeout } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import type { NodeSSH } from 'node-ssh';
import { LookError } from '../../model/look-error.ts';
import type { NodeAddress } from '../../model/ports.ts';
import { connect, cut, type ConnectOptions } from './connect.ts';
import { HelperChannel } from './helper-channel.ts';

export interface LinkOptions extends ConnectOptions {
  /** The command that starts the node's helper. */
  readonly helper: string;
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
  #connection: Promise<NodeSSH> | null = null;
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
    const ssh = await connection?.catch(() => null);
    if (ssh) cut(ssh);
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
    const { helper, connectTimeoutMs } = this.#options;
    const ssh = await this.#connected(onExchange);
    onExchange();
    try {
      return await HelperChannel.open(this.#node.name, ssh, helper, connectTimeoutMs, (lost) => {
        // A helper that ended under a command, or broke its rules: the connection is not to be trusted either.
        if (lost !== null) cut(ssh);
      });
    } catch (error) {
      cut(ssh);
      throw error;
    }
  }

  #connected(onExchange: OnExchange): Promise<NodeSSH> {
    if (this.#connection !== null) return this.#connection;
    const connection = this.#connect(onExchange);
    const forget = () => {
      if (this.#connection === connection) this.#connection = null;
    };
    connection.then((ssh) => ssh.connection?.once('close', forget), forget);
    this.#connection = connection;
    return connection;
  }

  async #connect(onExchange: OnExchange): Promise<NodeSSH> {
    const { signal } = this.#dialing;
    const dial = () => {
      onExchange();
      return this.#options.dialing(() => connect(this.#node, { ...this.#options, signal }));
    };
    try {
      return await dial();
    } catch (error) {
      // sshd turns away some of many handshakes at once (MaxStartups): once more, not at the same moment.
      if (!(error instanceof LookError) || error.code !== 'ssh-lost' || signal.aborted) throw error;
      await setTimeout(retryAfterMs());
      return dial();
    }
  }
}
