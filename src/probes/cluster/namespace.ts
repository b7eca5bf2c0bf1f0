import { observed } from '../../model/evidence.ts';
import type { Namespace } from '../../model/kubernetes.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { unavailableAnswer } from '../lib/evidence.ts';

export const namespace = defineClusterProbe({
  id: 'namespace',
  description: 'The namespace of the target pod: its phase, labels and annotations.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [{ verb: 'get', apiVersion: 'v1', kind: 'Namespace', where: 'cluster' }],
  needs: [],
  provides: ['namespace'],
  async read(look) {
    const answer = await look.cluster.read<Namespace>({
      apiVersion: 'v1',
      kind: 'Namespace',
      name: look.target.namespace,
    });
    if (!answer.ok) return { namespace: unavailableAnswer(answer) };
    return {
      namespace: observed(answer.value, [
        evidenceOfAnswer(
          answer,
          `phase ${answer.value.status?.phase ?? '?'}, labels ${JSON.stringify(answer.value.metadata.labels ?? {})}`,
        ),
      ]),
    };
  },
});
