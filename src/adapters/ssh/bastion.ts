import type { Duplex } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import { LookError } from '../../model/look-error.ts';
import { closedBastion } from '../../model/ssh-port.ts';
import { afterAwake } from '../awake-timer.ts';
import { thrown } from '../thrown.ts';
import { connect, cut, type ConnectOptions } from './connect.ts';

/** The host through which nodes are reached, as OpenSSH's ProxyJump does. */
export interface BastionHost {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

/** "No route to host" is silence to ARP, or what a router answered: the bastion does not say which. */
const ends = [
  [/timed out/, 'ssh-no-answer'],
  [/No route to host|is unreachable|Host is down/, 'ssh-unreachable'],
] as const;

type LoginOptions = Omit<ConnectOptions, 'user' | 'port' | 'through' | 'signal'>;

/** One connection to the bastion, for the connections to all nodes. It only forwards: nothing runs there. */
export class Bastion {
  readonly #bastion: BastionHost;
  #connection: Promise<NodeSSH> | null = null;

  constructor(bastion: BastionHost) {
    this.#bastion = bastion;
  }

  /**
   * Opens a stream to a port that the bastion reaches.
   * @throws LookError that names the bastion: `ssh-no-answer` where the bastion waits for the node, `ssh-unreachable`
   *   where it has no way there, `ssh-refused`
   */
  async stream(address: string, port: number, options: LoginOptions): Promise<Duplex> {
    const { host, port: ownPort } = this.#bastion;
    const ssh = await this.#connected(options).catch((error: unknown) => {
      // It tells of the bastion, and says nothing about the node.
      const why = thrown(error).message.replace(`${host} (${host}:${ownPort}): `, '');
      throw new LookError('ssh-refused', `${closedBastion(host, ownPort)}${why}`, { cause: error });
    });
    const opening = ssh.forwardOut('127.0.0.1', 0, address, port);
    const { promise: over, reject } = Promise.withResolvers<never>();
    const why = `the bastion ${host} has no answer from there within ${options.connectTimeoutMs} ms`;
    const stop = afterAwake(options.connectTimeoutMs, () => reject(new LookError('ssh-no-answer', why)));
    try {
      return await Promise.race([opening, over]);
    } catch (error) {
      opening.then(
        (late) => late.destroy(),
        () => undefined,
      );
      if (error instanceof LookError) throw error;
      const { message } = thrown(error);
      // OpenSSH hands on what its own connect(2) said.
      const code = ends.find(([said]) => said.test(message))?.[1] ?? 'ssh-refused';
      throw new LookError(code, `the bastion ${host} opens no way there: ${message}`, { cause: error });
    } finally {
      stop();
    }
  }

  close(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.then(cut, () => undefined);
  }

  #connected(options: LoginOptions): Promise<NodeSSH> {
    if (this.#connection !== null) return this.#connection;
    const { host, port, user } = this.#bastion;
    const connection = connect({ name: host, address: host }, { ...options, user, port });
    const forget = () => {
      if (this.#connection === connection) this.#connection = null;
    };
    connection.then((ssh) => ssh.connection?.once('close', forget), forget);
    this.#connection = connection;
    return connection;
  }
}
