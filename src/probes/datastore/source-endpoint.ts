import { unavailable } from '../../model/evidence.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { unavailableAnswer } from '../lib/evidence.ts';
import { kubernetesEndpointReads, lookUpKubernetesEndpoint } from '../lib/kubernetes-datastore.ts';
import { endpointCommands } from '../lib/endpoint-dialects.ts';
import { lookUpEndpoint } from '../lib/endpoint-lookup.ts';

export const sourceEndpoint = defineClusterProbe({
  id: 'source-endpoint',
  description: "The source pod's workload endpoint and the profiles that it names.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: endpointCommands,
  reads: [{ verb: 'get', apiVersion: 'v1', kind: 'Pod', where: 'cluster' }, ...kubernetesEndpointReads],
  needs: ['flow', 'datastore-kind'],
  uses: ['pods'],
  runsOn: ['source'],
  provides: ['source-endpoint', 'source-profiles'],
  async read(look, facts) {
    const { source } = facts.get('flow');
    // A pod on the host network has no endpoint.
    if (source.kind !== 'pod' || source.interface === null || !source.node) {
      const none = unavailable('not-applicable', 'the source is not a pod with a network of its own');
      return { 'source-endpoint': none, 'source-profiles': none };
    }
    const home = facts.get('datastore-kind');
    if (home.kind === 'kubernetes') {
      const namespace = source.namespace ?? 'default';
      const answer = await look.cluster.read<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace, name: source.name });
      if (!answer.ok) {
        const none = unavailableAnswer(answer);
        return { 'source-endpoint': none, 'source-profiles': none };
      }
      const shown = evidenceOfAnswer(answer, `address ${answer.value.status?.podIP ?? 'none'}, node ${source.node}`);
      const derived = await lookUpKubernetesEndpoint(look.cluster, answer.value, [shown], home);
      return { 'source-endpoint': derived.endpoint, 'source-profiles': derived.profiles };
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
