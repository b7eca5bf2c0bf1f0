import { nodeComponent } from '../../model/calico-components.ts';
import { observed, unavailable } from '../../model/evidence.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { componentReads, findComponent } from '../lib/calico-component.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { unavailableAnswer } from '../lib/evidence.ts';

export const felixLog = defineNodeProbe({
  id: 'felix-log',
  description: "The end of Felix's log, read through the API server.",
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: false,
  commands: [],
  reads: [
    ...componentReads(nodeComponent),
    { verb: 'get', apiVersion: 'v1', kind: 'Pod', subresource: 'log', where: 'calico' },
  ],
  needs: [],
  provides: ['felix-log'],
  async read(look) {
    const found = await findComponent(nodeComponent, look);
    if (found.status === 'unavailable') return { 'felix-log': found };
    const pod = found.value?.pods[0];
    if (!found.value || !pod)
      return {
        'felix-log': unavailable('api-not-found', `Calico's DaemonSet has no pod on ${look.node}`, found.evidence),
      };
    const log = await look.cluster.podLog({
      namespace: found.value.workload.metadata.namespace,
      pod: pod.metadata.name,
      container: 'calico-node',
      tailLines: 400,
      limitBytes: 200_000,
    });
    if (!log.ok) return { 'felix-log': unavailableAnswer(log) };
    return { 'felix-log': observed(log.value.split('\n'), [evidenceOfAnswer(log, log.value.slice(-20_000))]) };
  },
});
