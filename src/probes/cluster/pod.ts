import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { defineClusterProbe, type Look } from '../../model/probe.ts';
import { askedFamily } from '../../calico/trusted-address.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { rememberedEvidence, unavailableAnswer } from '../lib/evidence.ts';
import { readService, targetPods, targetReads } from '../lib/target-pods.ts';

export const pod = defineClusterProbe({
  id: 'pod',
  description: 'The target pod as the API server has it, and which one it is where a Service or a workload was named.',
  kind: 'passive',
  place: 'cluster',
  essential: ['pod'],
  commands: [],
  reads: [{ verb: 'get', apiVersion: 'v1', kind: 'Pod', where: 'cluster' }, ...targetReads],
  needs: [],
  provides: ['pod', 'target-choice', 'service'],
  async read(look) {
    const { namespace, pod: name, kind } = look.target;
    if (kind !== undefined) return targetPods(look.cluster, { ...look.target, kind });
    const [named, service] = await Promise.all([
      namedPod(look, namespace, name),
      look.target.to?.kind === 'api'
        ? readService(look.cluster, { ...apiService, family: askedFamily(look.target) })
        : { service: onePod },
    ]);
    return { pod: named, 'target-choice': onePod, service: service.service };
  },
});

/** Every cluster has it, before its API servers. */
const apiService = { namespace: 'default', name: 'kubernetes', port: null };
const onePod = unavailable('not-applicable', 'a pod was named');

async function namedPod(
  look: Pick<Look<never>, 'cluster' | 'remembered'>,
  namespace: string,
  name: string,
): Promise<Fact<Pod>> {
  const answer = await look.cluster.read<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace, name });
  if (!answer.ok) {
    const known = answer.status === null ? await look.remembered() : null;
    return known ? observed(known.pod, [rememberedEvidence(answer, known)]) : unavailableAnswer(answer);
  }
  const { spec, status, metadata } = answer.value;
  const going = metadata.deletionTimestamp ? `, to be gone by ${metadata.deletionTimestamp}` : '';
  const [phase, address, node] = [status?.phase ?? '?', status?.podIP ?? 'none', spec.nodeName ?? 'none'];
  const shown = `phase ${phase}, address ${address}, node ${node}${going}`;
  return observed(answer.value, [evidenceOfAnswer(answer, shown)]);
}
