import { observed, unavailable } from '../model/evidence.ts';
import type { Pod } from '../model/kubernetes.ts';
import { defineNodeProbe } from '../model/probe.ts';
import { evidenceOfAnswer, unavailableAnswer } from './evidence.ts';

export const felixLog = defineNodeProbe({
  id: 'felix-log',
  description: "The end of Felix's log, read through the API server.",
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: false,
  commands: {},
  needs: [],
  provides: ['felix-log'],
  async read(look) {
    const pods = await look.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labelSelector: 'k8s-app in (calico-node, canal)', fieldSelector: `spec.nodeName=${look.node}`, limit: 5 });
    if (!pods.ok) return { 'felix-log': unavailableAnswer(pods) };
    const pod = pods.value[0];
    if (!pod?.metadata.namespace) return { 'felix-log': unavailable('api-not-found', `no calico-node pod on ${look.node}`, [evidenceOfAnswer(pods, 'no pod')]) };
    const log = await look.cluster.podLog({ namespace: pod.metadata.namespace, pod: pod.metadata.name, container: 'calico-node', tailLines: 400, limitBytes: 200_000 });
    if (!log.ok) return { 'felix-log': unavailableAnswer(log) };
    return { 'felix-log': observed(log.value.split('\n'), [evidenceOfAnswer(log, log.value.slice(-20_000))]) };
  },
});
