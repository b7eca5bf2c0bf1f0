/** The ways into the configured cluster, shared by all runs of this process. */
import { readFile } from 'node:fs/promises';
import { createAgentConnections } from './adapters/agent.ts';
import { createClock } from './adapters/clock.ts';
import { createCluster, type Cluster } from './adapters/kubernetes.ts';
import { createNodeConnections } from './adapters/ssh.ts';
import { createBlindShells } from './adapters/node-helper/blind-shells.ts';
import { parseKnownHosts } from './adapters/ssh/known-hosts.ts';
import { privateKeyProblem } from './adapters/ssh/private-key.ts';
import { clusterName } from './compose-cluster-name.ts';
import type { Config } from './config.ts';
import { ProgramError } from './errors.ts';
import type { AgentGuard } from './model/agent.ts';
import type { OpenCluster } from './model/cluster-access.ts';
import type { ClusterReader, NodeShells } from './model/ports.ts';
import type { Trouble } from './setup/check.ts';
import { nodeAccess } from './setup/node-access.ts';

export interface Clusters {
  readonly open: OpenCluster;
  readonly mayI: Cluster['mayI'];
  /** Why no node can be read; empty: the keys are there. */
  readonly nodeTroubles: readonly Trouble[];
  /** Of the agent, where nodes are reached through it. */
  readonly guard: ((node: string) => Promise<AgentGuard>) | null;
  close(): Promise<void>;
}

/** Without keys for the nodes, what is asked of a node is a blind spot. */
export async function connectClusters(config: Config): Promise<Clusters> {
  const cluster = createCluster({ kubeconfig: config.KUBECONFIG ?? null, context: config.KUBE_CONTEXT ?? null });
  const { shells, troubles, guard, close } = await connectNodes(config, cluster.reader);
  const clock = createClock();
  return {
    async open(name) {
      if (name !== clusterName)
        throw new ProgramError('unknown-cluster', `there is no cluster ${name}: the configuration has ${clusterName}`);
      const own = shells();
      return {
        cluster: cluster.reader,
        writer: cluster.writer,
        shells: own,
        clock,
        calicoNamespaces: config.CALICO_NAMESPACES,
        close: () => own.close(),
      };
    },
    mayI: cluster.mayI,
    nodeTroubles: troubles,
    guard,
    async close() {
      await Promise.all([cluster.close(), close()]);
    },
  };
}

interface Nodes {
  readonly shells: () => NodeShells;
  readonly troubles: readonly Trouble[];
  readonly guard: Clusters['guard'];
  readonly close: () => Promise<void>;
}

async function connectNodes(config: Config, cluster: ClusterReader): Promise<Nodes> {
  if (config.NODES_VIA === 'ssh') return connectOverSsh(config);
  const { KUBECONFIG: kubeconfig = null, KUBE_CONTEXT: context = null } = config;
  const agents = createAgentConnections({ kubeconfig, context, cluster });
  return {
    shells: () => agents.shells(),
    troubles: [],
    guard: (node) => agents.guard(node),
    close: () => agents.close(),
  };
}

async function connectOverSsh({
  SSH_USER: user,
  SSH_KEY_FILE: keyFile,
  SSH_AGENT_SOCKET: agentSocket,
  SSH_KNOWN_HOSTS_FILE: hostsFile = '',
  SSH_PORT: port,
  SSH_JUMP: jump,
}: Config): Promise<Nodes> {
  const access = await nodeAccess(
    { user, keyFile, agentSocket, hostsFile: hostsFile || undefined },
    {
      read: (path) => readFile(path, 'utf8'),
      privateKeyProblem,
      hostKeys: (text) => parseKnownHosts(text).size,
    },
  );
  if (access.keys === null) {
    const { troubles } = access;
    const why = troubles.map(({ text }) => text).join('; ');
    return { shells: () => createBlindShells(why), troubles, guard: null, close: () => Promise.resolve() };
  }
  const nodes = createNodeConnections({
    ...access.keys,
    port,
    ...(keyFile === undefined && agentSocket !== undefined ? { agent: agentSocket } : {}),
    ...(jump === undefined ? {} : { jump: { ...jump, user: jump.user ?? access.keys.user } }),
    knownHosts: () => readFile(hostsFile, 'utf8'),
  });
  return { shells: () => nodes.shells(), troubles: [], guard: null, close: () => nodes.close() };
}
