import type { EndpointControl } from '../../model/calico.ts';
import type { Evidence } from '../../model/evidence.ts';
import { observed } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import { oneEndpointCommands } from '../lib/endpoint-dialects.ts';
import { findEndpoint } from '../lib/endpoint-lookup.ts';

/** A pod may be going, or its node's plugin may be at fault for it too. */
const mostAsked = 2;

export const endpointControls = defineClusterProbe({
  id: 'endpoint-controls',
  description:
    'Endpoints of other pods of a node whose client finds none for a pod of the flow: whether that client finds any.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: oneEndpointCommands,
  needs: ['flow', 'datastore-kind'],
  uses: ['endpoint', 'source-endpoint', 'pods'],
  runsOn: ['target', 'source'],
  provides: ['endpoint-controls'],
  async read(look, facts) {
    const { source, destination } = facts.get('flow');
    if (facts.get('datastore-kind').kind === 'kubernetes')
      throw new LookError('not-applicable', 'with the Kubernetes datastore endpoints follow from pods');
    const [endpoint, sourceEndpoint, pods] = await Promise.all([
      facts.ask('endpoint'),
      facts.ask('source-endpoint'),
      facts.ask('pods'),
    ]);
    const known = pods.status === 'observed' ? pods.value : [];
    const asked = [
      ...(endpoint.status === 'observed' && endpoint.value === null ? [['target', destination] as const] : []),
      ...(sourceEndpoint.status === 'observed' && sourceEndpoint.value === null ? [['source', source] as const] : []),
    ];
    if (asked.length === 0) throw new LookError('not-applicable', 'no pod of the flow lacks its endpoint');
    const found = await Promise.all(asked.map(([place, end]) => controlFor(look.on(place), end, known)));
    return {
      'endpoint-controls': observed(
        found.map(({ control }) => control),
        found.flatMap(({ evidence }) => evidence),
      ),
    };
  },
});

async function controlFor(
  node: NodeLook<(typeof oneEndpointCommands)[number]['id']>,
  { namespace, name, node: nodeName }: FlowEnd,
  pods: readonly Pod[],
): Promise<{ readonly control: EndpointControl; readonly evidence: readonly Evidence[] }> {
  const pod = `${namespace}/${name}`;
  const others = pods
    .filter(
      ({ metadata, spec, status }) =>
        spec.nodeName === nodeName &&
        !spec.hostNetwork &&
        status?.phase === 'Running' &&
        `${metadata.namespace}/${metadata.name}` !== pod,
    )
    .slice(0, mostAsked);
  const looks = await Promise.all(
    others.map(({ metadata, spec }) =>
      findEndpoint((command, params) => node.run(command, params), {
        namespace: metadata.namespace ?? 'default',
        name: metadata.name,
        node: spec.nodeName ?? '',
      }),
    ),
  );
  const at = looks.findIndex(({ answer }) => answer.ok && answer.object !== null);
  const [other, found] = [others[at], looks[at]];
  return {
    control: { pod, found: other ? `${other.metadata.namespace}/${other.metadata.name}` : null },
    evidence: found ? [evidenceOf(found.said, /^ {2,4}(?:name|node|interfaceName):/)] : [],
  };
}
