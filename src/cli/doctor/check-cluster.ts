import { clusterName } from '../../compose-cluster-name.ts';
import { connectClusters, type Clusters } from '../../compose-cluster.ts';
import type { Config } from '../../config.ts';
import { fixes } from '../../fixes/registry.ts';
import type { AgentGuard } from '../../model/agent.ts';
import { declaredReader } from '../../model/api-reads.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { allReads, setupReads } from '../../setup/all-reads.ts';
import { guardCheck } from '../../setup/agent-guard.ts';
import { apiTrouble, checkAgentRights, checkRights } from '../../setup/api-server.ts';
import { failed, limited, ok, type Check } from '../../setup/check.ts';
import { findCalico } from './find-calico.ts';
import { checkNodes } from '../../setup/nodes.ts';

/** Asks the API server, and every node as a diagnosis does. */
export async function checkCluster(config: Config): Promise<readonly Check[]> {
  const clusters = await connectClusters(config);
  try {
    const access = await clusters.open(clusterName);
    const reader = declaredReader(access.cluster, setupReads, [], 'doctor');
    const keys = clusters.nodeTroubles.map((trouble) => limited('nodes', trouble));
    const nodes = await reader.list<KubernetesNode>({ apiVersion: 'v1', kind: 'Node' });
    if (!nodes.ok) {
      const trouble = failed('Kubernetes API', apiTrouble(nodes, config.KUBECONFIG ?? null));
      // What may be read is asked all the same: an account without this right may lack all.
      return [trouble, ...(nodes.status === 403 ? await rights(clusters, reader, config) : []), ...keys];
    }
    const hostsFile = config.SSH_KNOWN_HOSTS_FILE ?? 'known_hosts';
    const found = findCalico(access, clusterName);
    const [allowed, agent, { checks }, onNodes] = await Promise.all([
      rights(clusters, reader, config),
      checkAgent(clusters, nodes.value),
      found,
      keys.length > 0
        ? keys
        : checkNodes(access.shells, nodes.value, {
            via: config.NODES_VIA,
            hostsFile,
            // Where the API server has Calico's objects, nobody asks calicoctl.
            needsCalicoctl: found.then((calico) => calico.datastore !== 'kubernetes'),
          }),
    ]);
    return [ok('Kubernetes API', `${nodes.value.length} nodes`), ...allowed, ...agent, ...checks, ...onNodes];
  } finally {
    await clusters.close();
  }
}

/** Where nodes are reached through the agent: the rights for it, and whether they open nothing else. */
async function checkAgent({ guard, mayI }: Clusters, nodes: readonly KubernetesNode[]): Promise<readonly Check[]> {
  if (guard === null) return [];
  return Promise.all([checkAgentRights(mayI), firstAnswer(nodes, guard).then(guardCheck)]);
}

/** One node is enough: the policy is the API server's. Where no agent is found, the nodes' own lines say why. */
async function firstAnswer(
  nodes: readonly KubernetesNode[],
  guard: NonNullable<Clusters['guard']>,
): Promise<AgentGuard> {
  let why = 'the cluster has no nodes';
  for (const { metadata } of nodes.slice(0, 3)) {
    const answer = await guard(metadata.name).catch((error: Error): AgentGuard => ({
      state: 'unknown',
      why: error.message,
    }));
    if (answer.state !== 'unknown') return answer;
    why = answer.why;
  }
  return { state: 'unknown', why };
}

async function rights(clusters: Clusters, reader: ClusterReader, config: Config): Promise<readonly Check[]> {
  const namespaces = config.CALICO_NAMESPACES;
  const answers = await Promise.all(
    namespaces.map((name) => reader.read({ apiVersion: 'v1', kind: 'Namespace', name })),
  );
  const calicoNamespaces = namespaces.filter((_, at) => answers[at]?.ok !== false || answers[at].status !== 404);
  if (calicoNamespaces.length === 0)
    return [
      failed('CALICO_NAMESPACES', {
        text: `the cluster has none of ${namespaces.join(', ')}`,
        next: 'Run kubectl get pods -A -l k8s-app=calico-node, and name its namespace',
      }),
    ];
  return checkRights(clusters.mayI, { reads: allReads, fixes, calicoNamespaces });
}
