import { observed } from '../../model/evidence.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { statedAddress } from '../../calico/trusted-address.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { rememberedEvidence, unavailableAnswer } from '../lib/evidence.ts';

/** On a large cluster a few pods are enough: sources are tried, not listed. */
const listed = 200;
/** Two pods with one address are enough to say so; ended ones keep theirs. */
const fewer = 10;

export const candidatePods = defineClusterProbe({
  id: 'candidate-pods',
  description:
    'Pods that may serve as sources: of the same namespace, of the same node, and some of the cluster; and those ' +
    'with the same address.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [{ verb: 'list', apiVersion: 'v1', kind: 'Pod', where: 'cluster' }],
  needs: ['pod'],
  uses: ['family'],
  provides: ['pods'],
  async read(look, facts) {
    const pod = facts.get('pod');
    const node = pod.spec.nodeName;
    const family = await facts.ask('family');
    // A query finds the first address of a pod alone: of a pod with both kinds, that of the cluster's first family.
    const address = statedAddress(pod, family.status === 'observed' ? family.value : 4);
    const from = look.target.from;
    const answers = await Promise.all([
      look.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace: look.target.namespace, limit: listed }),
      look.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod', limit: listed }),
      ...(node
        ? [
            look.cluster.list<Pod>({
              apiVersion: 'v1',
              kind: 'Pod',
              fieldSelector: `spec.nodeName=${node}`,
              limit: listed,
            }),
          ]
        : []),
      ...(address && !pod.spec.hostNetwork
        ? [
            look.cluster.list<Pod>({
              apiVersion: 'v1',
              kind: 'Pod',
              fieldSelector: `status.podIP=${address}`,
              limit: fewer,
            }),
          ]
        : []),
      ...(from?.kind === 'pod'
        ? [
            look.cluster.list<Pod>({
              apiVersion: 'v1',
              kind: 'Pod',
              namespace: from.namespace,
              fieldSelector: `metadata.name=${from.name}`,
              limit: 1,
            }),
          ]
        : []),
    ]);
    const pods = new Map<string, Pod>();
    for (const answer of answers)
      for (const one of answer.ok ? answer.value : []) pods.set(`${one.metadata.namespace}/${one.metadata.name}`, one);
    const failed = answers.find((answer) => !answer.ok);
    if (failed && !failed.ok && pods.size === 0) {
      const known = failed.status === null ? await look.remembered() : null;
      return {
        pods: known
          ? observed([known.pod, ...known.sources], [rememberedEvidence(failed, known)])
          : unavailableAnswer(failed),
      };
    }
    const first = answers[0];
    return { pods: observed([...pods.values()], [evidenceOfAnswer(first, `${pods.size} pods`)]) };
  },
});
