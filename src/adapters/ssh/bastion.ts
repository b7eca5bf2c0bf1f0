import type { Duplex } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import { LookError } from '../../model/look-error.ts';
import { thrown } from '../thrown.ts';
import { connect, cut, type ConnectOptions } from './connect.ts';

/** The host through which nodes are reached, as OpenSSH's ProxyJump does. */
export interface BastionHost {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

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
   * @throws LookError that names the bastion
   */
  async stream(address: string, port: number, options: LoginOptions): Promise<Duplex> {
    const ssh = await this.#connected(options);
    try {
      return await ssh.forwardOut('127.0.0.1', 0, address, port);
    } catch (error) {
      const why = `the bastion ${this.#bastion.host} opens no way there: ${thrown(error).message}`;
      throw new LookError('ssh-refused', why, { cause: error });
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
