import { observed } from '../../model/evidence.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { rememberedEvidence, unavailableAnswer } from '../lib/evidence.ts';

export const pod = defineClusterProbe({
  id: 'pod',
  description: 'The target pod as the API server has it.',
  kind: 'passive',
  place: 'cluster',
  essential: true,
  commands: [],
  reads: [{ verb: 'get', apiVersion: 'v1', kind: 'Pod', where: 'cluster' }],
  needs: [],
  provides: ['pod'],
  async read(look) {
    const { namespace, pod: name } = look.target;
    const answer = await look.cluster.read<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace, name });
    if (!answer.ok) {
      const known = answer.status === null ? await look.remembered() : null;
      return { pod: known ? observed(known.pod, [rememberedEvidence(answer, known)]) : unavailableAnswer(answer) };
    }
    const { spec, status, metadata } = answer.value;
    const going = metadata.deletionTimestamp ? `, being deleted since ${metadata.deletionTimestamp}` : '';
    const [phase, address, node] = [status?.phase ?? '?', status?.podIP ?? 'none', spec.nodeName ?? 'none'];
    const shown = `phase ${phase}, address ${address}, node ${node}${going}`;
    return { pod: observed(answer.value, [evidenceOfAnswer(answer, shown)]) };
  },
});
