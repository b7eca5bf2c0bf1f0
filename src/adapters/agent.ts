import type { ClusterReader } from '../model/ports.ts';
import type { AgentGuard } from '../model/agent.ts';
import { agentWay } from './agent/agent-way.ts';
import { tryGuard } from './agent/guard.ts';
import { nodeConnections, type NodeConnections, type SharedOptions } from './node-helper/node-connections.ts';
import type { ClientOptions } from './kubernetes/client.ts';

export interface AgentConnectionOptions extends SharedOptions, ClientOptions {
  /** Finds the agent's pods. */
  readonly cluster: ClusterReader;
  readonly connectTimeoutMs?: number;
}

export interface AgentConnections extends NodeConnections {
  /** Whether the API server refuses other programs than the agent's, tried on a node. */
  guard(node: string): Promise<AgentGuard>;
}

/** Connections through the API server into the pods of the agent (deploy/node-agent). */
export function createAgentConnections(options: AgentConnectionOptions): AgentConnections {
  const { kubeconfig, context = null, cluster, connectTimeoutMs = 10_000 } = options;
  const way = { kubeconfig, context, cluster, connectTimeoutMs };
  return { ...nodeConnections(agentWay(way), options), guard: (node) => tryGuard(node, way) };
}
