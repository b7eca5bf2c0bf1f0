import { defineClusterProbe } from '../../model/probe.ts';
import { readKubeletEvents } from '../lib/kubelet-events.ts';

export const podEvents = defineClusterProbe({
  id: 'pod-events',
  description: "Events of the kubelet of the pod's node about a pod that waits for its network.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [{ verb: 'list', apiVersion: 'v1', kind: 'Event', where: 'cluster' }],
  needs: ['pod'],
  provides: ['pod-events'],
  async read(look, facts) {
    return { 'pod-events': await readKubeletEvents(look.cluster, facts.get('pod')) };
  },
});
