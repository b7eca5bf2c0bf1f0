import { unavailable } from '../../model/evidence.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { endpointCommands, lookUpEndpoint } from '../lib/endpoint-lookup.ts';

export const sourceEndpoint = defineClusterProbe({
  id: 'source-endpoint',
  description: "The source pod's workload endpoint and the profiles that it names.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: endpointCommands,
  needs: ['flow'],
  uses: ['pods'],
  runsOn: ['source'],
  provides: ['source-endpoint', 'source-profiles'],
  async read(look, facts) {
    const { source } = facts.get('flow');
    if (source.kind !== 'pod' || !source.node) {
      const none = unavailable('not-applicable', 'the source is not a pod');
      return { 'source-endpoint': none, 'source-profiles': none };
    }
    const pods = await facts.ask('pods');
    const pod = (pods.status === 'observed' ? pods.value : []).find(
      (candidate) => candidate.metadata.namespace === source.namespace && candidate.metadata.name === source.name,
    );
    const node = look.on('source');
    const found = await lookUpEndpoint((command, params) => node.run(command, params), {
      namespace: source.namespace ?? 'default',
      name: source.name,
      node: source.node,
      serviceAccount: pod?.spec.serviceAccountName ?? 'default',
    });
    return { 'source-endpoint': found.endpoint, 'source-profiles': found.profiles };
  },
});
