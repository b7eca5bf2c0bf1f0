/** How the nodes are best read, as far as the cluster and this machine show it: what `init` has in its brackets. */

export interface ProposedAccess {
  readonly via: 'ssh' | 'agent';
  /** In a sentence or two. */
  readonly why: string;
}

export interface SeenNode {
  readonly labels: Readonly<Record<string, string>>;
  /** Where SSH would reach it. */
  readonly address: string | null;
}

/** Labels that a provider sets on every node that it manages: it replaces such a node, and a helper goes with it. */
const providers: ReadonlyMap<string, string> = new Map([
  ['cloud.google.com/gke-nodepool', 'GKE'],
  ['eks.amazonaws.com/nodegroup', 'EKS'],
  ['kubernetes.azure.com/cluster', 'AKS'],
  ['doks.digitalocean.com/node-id', 'DigitalOcean'],
  ['ibm-cloud.kubernetes.io/worker-id', 'IBM Cloud'],
]);

/** In a large cluster some nodes stand for all. */
const mostAsked = 10;

/**
 * Proposes the agent for nodes of a provider, and for nodes of which none answers SSH here; else SSH.
 * @param answersSsh asks one address
 */
export async function proposedAccess(
  nodes: readonly SeenNode[],
  answersSsh: (address: string) => Promise<boolean>,
): Promise<ProposedAccess> {
  const label = nodes.flatMap(({ labels }) => Object.keys(labels)).find((key) => providers.has(key));
  if (label !== undefined) {
    const seen = `${providers.get(label)} manages the nodes (label ${label})`;
    return { via: 'agent', why: `${seen}. It replaces them, and the agent comes back by itself.` };
  }
  const asked = nodes.flatMap(({ address }) => (address === null ? [] : [address])).slice(0, mostAsked);
  const answers = await Promise.all(asked.map((address) => answersSsh(address)));
  const count = answers.filter(Boolean).length;
  return count > 0
    ? { via: 'ssh', why: `SSH answers on ${count} of ${asked.length} nodes that were tried.` }
    : { via: 'agent', why: `SSH answers on none of ${asked.length} nodes that were tried from this machine.` };
}
