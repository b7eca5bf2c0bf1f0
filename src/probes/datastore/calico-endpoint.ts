import { unavailable } from '../../model/evidence.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { kubernetesEndpointReads, lookUpKubernetesEndpoint } from '../lib/kubernetes-datastore.ts';
import { endpointCommands } from '../lib/endpoint-dialects.ts';
import { lookUpEndpoint } from '../lib/endpoint-lookup.ts';

export const calicoEndpoint = defineClusterProbe({
  id: 'calico-endpoint',
  description: "The target pod's workload endpoint and the profiles that it names, as the datastore has them.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: endpointCommands,
  reads: kubernetesEndpointReads,
  needs: ['pod', 'datastore-kind'],
  runsOn: ['target'],
  provides: ['endpoint', 'profiles'],
  async read(look, facts) {
    const { spec, metadata } = facts.get('pod');
    if (look.target.to) {
      const none = unavailable('not-applicable', 'the flow goes to no pod');
      return { endpoint: none, profiles: none };
    }
    if (spec.hostNetwork || !spec.nodeName) {
      const none = unavailable(
        'not-applicable',
        spec.hostNetwork ? 'a hostNetwork pod has no Calico endpoint' : 'the pod is on no node yet',
      );
      return { endpoint: none, profiles: none };
    }
    const home = facts.get('datastore-kind');
    if (home.kind === 'kubernetes')
      return lookUpKubernetesEndpoint(look.cluster, facts.get('pod'), facts.evidence('pod'), home);
    const node = look.on('target');
    const { endpoint, profiles } = await lookUpEndpoint((command, params) => node.run(command, params), {
      namespace: look.target.namespace,
      name: metadata.name,
      node: spec.nodeName,
      serviceAccount: spec.serviceAccountName ?? 'default',
    });
    return { endpoint, profiles };
  },
});
