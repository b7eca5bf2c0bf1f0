import { observed, unavailable } from '../../model/evidence.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { unavailableAnswer } from '../lib/evidence.ts';

export const controllerLog = defineClusterProbe({
  id: 'controller-log',
  description: "The end of the controller's log. Evidence only: a healthy controller logs `forbidden` too.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [{ verb: 'get', apiVersion: 'v1', kind: 'Pod', subresource: 'log', where: 'calico' }],
  needs: ['controller'],
  provides: ['controller-log'],
  async read(look, facts) {
    const pod = facts.get('controller').pods.find((candidate) => candidate.status?.phase === 'Running');
    const container = pod?.spec.containers[0]?.name;
    if (!pod?.metadata.namespace || !container)
      return { 'controller-log': unavailable('not-applicable', 'no pod of the controller is running') };
    const log = await look.cluster.podLog({
      namespace: pod.metadata.namespace,
      pod: pod.metadata.name,
      container,
      tailLines: 300,
      limitBytes: 200_000,
    });
    if (!log.ok) return { 'controller-log': unavailableAnswer(log) };
    return { 'controller-log': observed(log.value.split('\n'), [evidenceOfAnswer(log, log.value.slice(-30_000))]) };
  },
});
