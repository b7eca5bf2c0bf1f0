import type { CommandRequest, RunningCommand, Transcript } from '../../model/command.ts';
import { LookError } from '../../model/look-error.ts';
import type { NodeAddress, NodeShell, NodeShells } from '../../model/ports.ts';
import { Exchange, overBudget, type Cost } from './exchange.ts';
import { isLost } from './helper-way.ts';
import type { NodeLink } from './node-link.ts';

interface NodeAccount extends Cost {
  /**
   * Distinct losses: the second one, or a first that cannot get better, ends this run's use of the node; so does an
   * answer that breaks the helper's rules.
   */
  readonly losses: Set<LookError>;
  /** On their way: what is not answered when the node is given up is lost at once. */
  readonly running: Set<Exchange>;
  givenUp: LookError | null;
}

/** The shells of one run: its costs and its patience with a node, over connections that all runs share. */
export class RunShells implements NodeShells {
  readonly #link: (node: NodeAddress) => NodeLink;
  readonly #onTranscript: ((request: CommandRequest, transcript: Transcript) => void) | undefined;
  readonly #close: () => Promise<void>;
  readonly #accounts = new Map<string, NodeAccount>();
  readonly #run = { bytesIn: 0 };

  /** @param close what `close()` does beside */
  constructor(
    link: (node: NodeAddress) => NodeLink,
    onTranscript: ((request: CommandRequest, transcript: Transcript) => void) | undefined,
    close: () => Promise<void>,
  ) {
    this.#link = link;
    this.#onTranscript = onTranscript;
    this.#close = close;
  }

  shell(node: NodeAddress): NodeShell {
    return { node: node.name, start: (request) => this.#start(node, request) };
  }

  usage(): Readonly<
    Record<string, { readonly exchanges: number; readonly bytesIn: number; readonly bytesOut: number }>
  > {
    return Object.fromEntries(
      [...this.#accounts].map(([node, { exchanges, bytesIn, bytesOut }]) => [node, { exchanges, bytesIn, bytesOut }]),
    );
  }

  close(): Promise<void> {
    return this.#close();
  }

  #account(node: string): NodeAccount {
    const account = this.#accounts.get(node) ?? {
      exchanges: 0,
      bytesIn: 0,
      bytesOut: 0,
      run: this.#run,
      losses: new Set(),
      running: new Set(),
      givenUp: null,
    };
    this.#accounts.set(node, account);
    return account;
  }

  #start(node: NodeAddress, request: CommandRequest): RunningCommand {
    const account = this.#account(node.name);
    const link = this.#link(node);
    const exchange = new Exchange(node.name, link.way.label(node.name), request, account);
    const refused = account.givenUp ?? overBudget(link.way.label(node.name), account);
    if (refused !== null) exchange.lose(refused);
    else void this.#carry(node, link, exchange, account);
    const settle = exchange.result.then((transcript) => this.#onTranscript?.(request, transcript));
    settle.catch(() => undefined);
    return exchange;
  }

  async #carry(node: NodeAddress, link: NodeLink, exchange: Exchange, account: NodeAccount): Promise<void> {
    let opened = false;
    account.running.add(exchange);
    try {
      await link.use(
        () => (account.exchanges += 1),
        (channel) => {
          opened = true;
          channel.send(exchange);
          return exchange.result;
        },
      );
    } catch (error) {
      const look =
        error instanceof LookError
          ? error
          : new LookError(link.way.lostCode, `${link.way.label(node.name)}: ${String(error)}`, { cause: error });
      exchange.lose(look);
      // The helper ends commands in time: where it does not say so, the node or the connection hangs.
      if (!opened || isLost(look) || look.code === 'timeout') account.losses.add(look);
      if ((!opened && !isLost(look)) || look.code === 'node-answer-invalid' || account.losses.size > 1)
        this.#giveUp(account, link, look);
    } finally {
      account.running.delete(exchange);
    }
  }

  #giveUp(account: NodeAccount, link: NodeLink, reason: LookError): void {
    if (account.givenUp !== null) return;
    account.givenUp = reason;
    for (const exchange of account.running) exchange.lose(reason);
    if (reason.code === 'timeout') link.closeSoon();
  }
}
