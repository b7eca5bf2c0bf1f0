import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import type { Pod } from '../model/kubernetes.ts';

export const clientPod = defineComputed({
  id: 'client-pod',
  description: 'The pod that was asked for as the client, which must run, too.',
  essential: false,
  needs: ['pods'],
  compute(facts, { from }) {
    if (from?.kind !== 'pod') return unavailable('not-applicable', 'no pod was asked for as the client');
    const { namespace, name } = from;
    const pod = facts.get('pods').find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    if (!pod) return unavailable('api-not-found', `there is no pod ${namespace}/${name}`);
    return observed(
      pod,
      facts.evidence('pods').map((one) => ({ ...one, excerpt: stateWords(pod) })),
    );
  },
});

function stateWords({ metadata, spec, status }: Pod): string {
  const name = `${metadata.namespace ?? 'default'}/${metadata.name}`;
  return `${name}: phase ${status?.phase ?? '?'}, address ${status?.podIP ?? 'none'}, node ${spec.nodeName ?? 'none'}`;
}
