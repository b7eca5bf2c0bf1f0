/** The ways into the configured clusters, shared by all runs of this process. */
import { createAgentConnections } from './adapters/agent.ts';
import { createClock } from './adapters/clock.ts';
import { createCluster, type Cluster } from './adapters/kubernetes.ts';
import { createNodeConnections } from './adapters/ssh.ts';
import { readRegularFile } from './adapters/regular-file.ts';
import { createBlindShells } from './adapters/node-helper/blind-shells.ts';
import { parseKnownHosts } from './adapters/ssh/known-hosts.ts';
import { privateKeyProblem } from './adapters/ssh/private-key.ts';
import type { ClusterConfig, ClusterSettings } from './config-clusters.ts';
import { ProgramError } from './errors.ts';
import type { AgentGuard } from './model/agent.ts';
import type { ClusterAccess, OpenCluster } from './model/cluster-access.ts';
import type { ClusterReader, NodeShells } from './model/ports.ts';
import type { Trouble } from './setup/check.ts';
import { nodeAccess } from './setup/node-access.ts';

/** The way into one cluster. */
export interface ClusterWay {
  readonly mayI: Cluster['mayI'];
  readonly aheadMs: Cluster['aheadMs'];
  readonly credentialsEnd: Cluster['credentialsEnd'];
  readonly server: Cluster['server'];
  /** Why no node can be read; empty: the keys are there. */
  readonly nodeTroubles: readonly Trouble[];
  /** Of the agent, where nodes are reached through it. */
  readonly guard: ((node: string) => Promise<AgentGuard>) | null;
}

export interface Clusters {
  readonly open: OpenCluster;
  /** @throws ProgramError `unknown-cluster` */
  readonly way: (name: string) => ClusterWay;
  close(): Promise<void>;
}

/** Each cluster has ways of its own: one that is away costs its own runs. Without keys, nodes are a blind spot. */
export async function connectClusters(configs: readonly ClusterConfig[]): Promise<Clusters> {
  const ways = new Map(
    await Promise.all(configs.map(async (config) => [config.name, await connectCluster(config.settings)] as const)),
  );
  const wayOf = (name: string) => {
    const way = ways.get(name);
    if (way) return way;
    const names = [...ways.keys()].join(', ');
    throw new ProgramError('unknown-cluster', `there is no cluster ${name}: the configuration has ${names}`);
  };
  return {
    open: async (name) => wayOf(name).open(),
    way: wayOf,
    async close() {
      await Promise.all([...ways.values()].map((way) => way.close()));
    },
  };
}

interface OneCluster extends ClusterWay {
  open(): ClusterAccess;
  close(): Promise<void>;
}

async function connectCluster(config: ClusterSettings): Promise<OneCluster> {
  const cluster = createCluster({ kubeconfig: config.KUBECONFIG ?? null, context: config.KUBE_CONTEXT ?? null });
  const { shells, troubles, guard, close } = await connectNodes(config, cluster.reader);
  const clock = createClock();
  return {
    open() {
      const own = shells();
      return {
        cluster: cluster.reader,
        writer: cluster.writer,
        shells: own,
        clock,
        calicoNamespaces: config.CALICO_NAMESPACES,
        server: () => cluster.server().catch(() => null),
        close: () => own.close(),
      };
    },
    mayI: cluster.mayI,
    aheadMs: cluster.aheadMs,
    credentialsEnd: cluster.credentialsEnd,
    server: cluster.server,
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
  readonly guard: ClusterWay['guard'];
  readonly close: () => Promise<void>;
}

async function connectNodes(config: ClusterSettings, cluster: ClusterReader): Promise<Nodes> {
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

const textOf = async (path: string) => (await readRegularFile(path)).toString('utf8');

async function connectOverSsh({
  SSH_USER: user,
  SSH_KEY_FILE: keyFile,
  SSH_AGENT_SOCKET: agentSocket,
  SSH_KNOWN_HOSTS_FILE: hostsFile = '',
  SSH_PORT: port,
  SSH_JUMP: jump,
}: ClusterSettings): Promise<Nodes> {
  const access = await nodeAccess(
    { user, keyFile, agentSocket, hostsFile: hostsFile || undefined },
    {
      read: textOf,
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
    ...(keyFile === undefined ? {} : { privateKey: () => textOf(keyFile) }),
    port,
    ...(keyFile === undefined && agentSocket !== undefined ? { agent: agentSocket } : {}),
    ...(jump === undefined ? {} : { jump: { ...jump, user: jump.user ?? access.keys.user } }),
    knownHosts: () => textOf(hostsFile),
  });
  return { shells: () => nodes.shells(), troubles: [], guard: null, close: () => nodes.close() };
}
