import type { Clusters, ClusterWay } from './compose-cluster.ts';
import { findCalico } from './compose-find-calico.ts';
import type { ClusterConfig, ClusterSettings } from './config-clusters.ts';
import { fixes } from './fixes/registry.ts';
import type { AgentGuard } from './model/agent.ts';
import { declaredReader } from './model/api-reads.ts';
import type { KubernetesNode } from './model/kubernetes.ts';
import type { ClusterReader } from './model/ports.ts';
import { allReads, setupReads } from './setup/all-reads.ts';
import { guardCheck, guardPart, oneCause } from './setup/agent-guard.ts';
import {
  accountChecks,
  accountPart,
  apiTrouble,
  checkAgentRights,
  checkRights,
  withRights,
} from './setup/api-server.ts';
import { failed, limited, ok, type Check } from './setup/check.ts';
import { clockChecks, credentialChecks, endWords } from './setup/credentials.ts';
import { checkNodes } from './setup/nodes.ts';

/**
 * Asks the API server of a cluster, and every node as a diagnosis does.
 * @param clusters stays open: it is the caller's
 */
export async function checkCluster(
  clusters: Clusters,
  { name, settings }: Pick<ClusterConfig, 'name' | 'settings'>,
): Promise<readonly Check[]> {
  const way = clusters.way(name);
  const access = await clusters.open(name);
  try {
    const reader = declaredReader(access.cluster, setupReads, [], 'doctor');
    const keys = way.nodeTroubles.map((trouble) => limited('nodes', trouble));
    const nodes = await reader.list<KubernetesNode>({ apiVersion: 'v1', kind: 'Node' });
    const [end, now] = [await way.credentialsEnd(), access.clock.now()];
    if (!nodes.ok) {
      const expired = end !== null && end.at < now ? (endWords(end, now)?.text ?? null) : null;
      const trouble = failed('Kubernetes API', apiTrouble(nodes, settings.KUBECONFIG ?? null, expired));
      // What may be read is asked all the same: an account without this right may lack all.
      return [
        ...(nodes.status === 403 ? withRights(trouble, await rights(way, reader, settings)) : [trouble]),
        ...keys,
      ];
    }
    const account = await accountChecks(way.mayI);
    const hostsFile = settings.SSH_KNOWN_HOSTS_FILE ?? 'known_hosts';
    const found = findCalico(access, name);
    const [allowed, agent, { checks }, onNodes] = await Promise.all([
      rights(way, reader, settings),
      // An administrator may start everything, whatever the policy says of the bot.
      account.length > 0 ? null : checkAgent(way, nodes.value),
      found,
      keys.length > 0
        ? keys
        : checkNodes(access.shells, nodes.value, {
            via: settings.NODES_VIA,
            hostsFile,
            // Where the API server has Calico's objects, nobody asks calicoctl.
            needsCalicoctl: found.then((calico) => calico.datastore !== 'kubernetes'),
          }),
    ]);
    return [
      ok('Kubernetes API', `${nodes.value.length} nodes`),
      ...credentialChecks(end, now),
      ...clockChecks(way.aheadMs()),
      ...account,
      ...allowed,
      // Where none of Calico's namespaces is there, nothing of it was looked for.
      ...(allowed.some(({ part }) => part === namespacesPart) ? [] : checks),
      ...(agent === null ? onNodes : oneCause({ ...agent, nodes: onNodes })),
    ];
  } finally {
    await access.close();
  }
}

/** Whether a check says what the token of the bot opens beyond what the bot needs. */
export const isOpening = ({ part }: Check): boolean => part === accountPart || part === guardPart;

/**
 * Asks what the token of the bot opens, which an administrator may loosen at any time: less than all of checkCluster.
 * What could not be asked is not among the answers.
 */
export async function checkOpenings(clusters: Clusters, name: string): Promise<readonly Check[]> {
  const way = clusters.way(name);
  const account = await accountChecks(way.mayI);
  if (account.length > 0 || way.guard === null) return account;
  const access = await clusters.open(name);
  try {
    const reader = declaredReader(access.cluster, setupReads, [], 'doctor');
    const nodes = await reader.list<KubernetesNode>({ apiVersion: 'v1', kind: 'Node' });
    const policy = nodes.ok ? guardCheck(await firstAnswer(nodes.value, way.guard)) : null;
    return policy === null || policy.state === 'limited' ? [] : [policy];
  } finally {
    await access.close();
  }
}

/** Where nodes are reached through the agent: the rights for it, and whether they open nothing else. */
async function checkAgent(
  { guard, mayI }: ClusterWay,
  nodes: readonly KubernetesNode[],
): Promise<{ readonly rights: Check; readonly policy: Check } | null> {
  if (guard === null) return null;
  const [rightsOfAgent, answer] = await Promise.all([checkAgentRights(mayI), firstAnswer(nodes, guard)]);
  return { rights: rightsOfAgent, policy: guardCheck(answer) };
}

/** One node is enough: the policy is the API server's. Where no agent is found, the nodes' own lines say why. */
async function firstAnswer(
  nodes: readonly KubernetesNode[],
  guard: NonNullable<ClusterWay['guard']>,
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

const namespacesPart = 'CALICO_NAMESPACES';

async function rights(
  { mayI }: ClusterWay,
  reader: ClusterReader,
  settings: ClusterSettings,
): Promise<readonly Check[]> {
  const namespaces = settings.CALICO_NAMESPACES;
  const answers = await Promise.all(
    namespaces.map((name) => reader.read({ apiVersion: 'v1', kind: 'Namespace', name })),
  );
  const calicoNamespaces = namespaces.filter((_, at) => answers[at]?.ok !== false || answers[at].status !== 404);
  if (calicoNamespaces.length === 0)
    return [
      failed(namespacesPart, {
        text: `the cluster has none of ${namespaces.join(', ')}`,
        next: 'Run kubectl get pods -A -l k8s-app=calico-node, and name its namespace',
      }),
    ];
  return checkRights(mayI, { reads: allReads, fixes, calicoNamespaces });
}
