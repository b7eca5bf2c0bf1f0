import { defineClusterProbe } from '../../model/probe.ts';
import { readKubeletEvents } from '../lib/kubelet-events.ts';

export const clientEvents = defineClusterProbe({
  id: 'client-events',
  description: "Events of the kubelet of the client's node about a client that waits for its network.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [{ verb: 'list', apiVersion: 'v1', kind: 'Event', where: 'cluster' }],
  needs: ['client-pod'],
  provides: ['client-events'],
  async read(look, facts) {
    return { 'client-events': await readKubeletEvents(look.cluster, facts.get('client-pod')) };
  },
});
