import { observed } from '../../model/evidence.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { rememberedEvidence, unavailableAnswer } from '../lib/evidence.ts';
import { readyCondition } from '../../model/node-ready.ts';
import { internalAddress } from '../../calico/trusted-address.ts';

export const clusterNodes = defineClusterProbe({
  id: 'cluster-nodes',
  description: 'The nodes, their addresses and conditions.',
  kind: 'passive',
  place: 'cluster',
  essential: true,
  commands: [],
  reads: [{ verb: 'list', apiVersion: 'v1', kind: 'Node', where: 'cluster' }],
  needs: [],
  provides: ['nodes'],
  async read(look) {
    const answer = await look.cluster.list<KubernetesNode>({ apiVersion: 'v1', kind: 'Node', limit: 5000 });
    if (!answer.ok) {
      const known = answer.status === null ? await look.remembered() : null;
      return { nodes: known ? observed(known.nodes, [rememberedEvidence(answer, known)]) : unavailableAnswer(answer) };
    }
    const shown = answer.value
      .toSorted((a, b) => Number(isReady(a)) - Number(isReady(b)))
      .slice(0, 10)
      .map(nodeWords);
    return { nodes: observed(answer.value, [evidenceOfAnswer(answer, shown.join('\n'))]) };
  },
});

function isReady(node: KubernetesNode): boolean {
  return (readyCondition(node)?.status ?? 'True') === 'True';
}

function nodeWords(node: KubernetesNode): string {
  const { status, reason } = readyCondition(node) ?? { status: null, reason: undefined };
  const ready = status === null ? '' : ` Ready=${status}${reason === undefined ? '' : ` (${reason})`}`;
  return `${node.metadata.name} ${internalAddress(node) ?? '?'}${ready}`;
}
