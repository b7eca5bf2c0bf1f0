import { agentMark, agentProgram } from '../../model/agent.ts';
import { LookError } from '../../model/look-error.ts';
import type { ClusterReader } from '../../model/ports.ts';
import type { HelperWay, NodeConnection } from '../node-helper/helper-way.ts';
import { loadClient, type ClientOptions, type KubernetesClient } from '../kubernetes/client.ts';
import { agentPodOf } from './agent-pods.ts';
import type { ExecSocket } from './exec-socket.ts';
import { startHelper } from './start-helper.ts';

export interface AgentWayOptions extends ClientOptions {
  /** Finds the agent's pods. */
  readonly cluster: ClusterReader;
  readonly connectTimeoutMs: number;
}

/** After this time the pod may have been replaced: it is looked up again. */
const podIsKnownForMs = 10_000;

/** The way through the API server: a stream into the agent's pod on the node for each run of the helper. */
export function agentWay(options: AgentWayOptions): HelperWay {
  return {
    lostCode: 'exec-lost',
    label: (node) => `${node}${agentMark}`,
    startTimeoutMs: options.connectTimeoutMs,
    connect: async (node, signal) => {
      const connection = await AgentConnection.open(node.name, options);
      if (signal.aborted) throw new LookError('exec-lost', `${node.name}${agentMark}: the connection was closed here`);
      return connection;
    },
  };
}

/** What is known of a node's agent, and the streams into it. */
class AgentConnection implements NodeConnection {
  readonly #node: string;
  readonly #options: AgentWayOptions;
  readonly #sockets = new Set<ExecSocket>();
  #found: { readonly pod: string; readonly until: number };
  #told: (() => void) | null = null;
  #isCut = false;

  private constructor(node: string, options: AgentWayOptions, pod: string) {
    this.#node = node;
    this.#options = options;
    this.#found = { pod, until: performance.now() + podIsKnownForMs };
  }

  static async open(node: string, options: AgentWayOptions): Promise<AgentConnection> {
    return new AgentConnection(node, options, await agentPodOf(node, options.cluster));
  }

  async start(events: Parameters<NodeConnection['start']>[0]): ReturnType<NodeConnection['start']> {
    const [pod, client] = await Promise.all([this.#pod(), this.#client()]);
    this.#refuseWhereCut();
    const place = { node: this.#node, pod, program: agentProgram, timeoutMs: this.#options.connectTimeoutMs };
    const { input } = await startHelper(place, client, events, (socket) => {
      this.#sockets.add(socket);
      void socket.closed.then(() => this.#sockets.delete(socket));
    });
    return input;
  }

  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    for (const socket of this.#sockets) socket.terminate();
    this.#told?.();
  }

  onceClosed(told: () => void): void {
    if (this.#isCut) told();
    else this.#told = told;
  }

  async #pod(): Promise<string> {
    const { pod, until } = this.#found;
    if (performance.now() < until) return pod;
    const found = {
      pod: await agentPodOf(this.#node, this.#options.cluster),
      until: performance.now() + podIsKnownForMs,
    };
    this.#found = found;
    return found.pod;
  }

  /** Afresh for each stream: tokens and certificates may have been rotated. */
  async #client(): Promise<KubernetesClient> {
    try {
      return await loadClient(this.#options);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new LookError('api-unreachable', `${this.#node}${agentMark}: ${why}`, { cause: error });
    }
  }

  #refuseWhereCut(): void {
    if (this.#isCut) throw new LookError('exec-lost', `${this.#node}${agentMark}: the connection was closed here`);
  }
}
