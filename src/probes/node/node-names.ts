import { catCalicoNodename } from '../../commands/cat.ts';
import { observed, type Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { LookError } from '../../model/look-error.ts';
import type { NodeNames } from '../../model/node-names.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import { outputOf } from '../lib/evidence.ts';
import { hasLostRoute } from '../lib/lost-route.ts';

/** Longer names are none. */
const longest = 253;

export const nodeNames = defineClusterProbe({
  id: 'node-names',
  description:
    'The name by which the CNI plugin calls a node. Read only where Felix has not programmed a pod: it does not know ' +
    'the interface, or the route is not there; or the datastore has no endpoint under the name that Kubernetes has.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [catCalicoNodename],
  needs: ['flow'],
  uses: ['walks', 'endpoint', 'source-endpoint', 'links@target', 'links@source'],
  runsOn: ['target', 'source'],
  provides: ['node-names'],
  async read(look, facts) {
    const { source, destination } = facts.get('flow');
    const [walks, endpoint, sourceEndpoint, links, sourceLinks] = await Promise.all([
      facts.ask('walks'),
      facts.ask('endpoint'),
      facts.ask('source-endpoint'),
      facts.ask('links@target'),
      facts.ask('links@source'),
    ]);
    const unknown = new Set(
      (walks.status === 'observed' ? walks.value : [])
        .filter(({ result: { rule } }) => rule?.comments.includes('Unknown interface'))
        .map(({ node }) => node),
    );
    const places = [
      ...(unknown.has(destination.node ?? '') ||
      hasLostRoute(links, destination) ||
      (endpoint.status === 'observed' && endpoint.value === null)
        ? (['target'] as const)
        : []),
      ...(source.node !== destination.node &&
      (unknown.has(source.node ?? '') ||
        hasLostRoute(sourceLinks, source) ||
        (sourceEndpoint.status === 'observed' && sourceEndpoint.value === null))
        ? (['source'] as const)
        : []),
    ];
    if (places.length === 0) throw new LookError('not-applicable', 'Felix and the datastore know the pods of the flow');
    const found = await Promise.all(places.map((place) => readNames(look.on(place))));
    return {
      'node-names': observed(
        found.map(({ names }) => names),
        found.map(({ evidence }) => evidence),
      ),
    };
  },
});

async function readNames(
  node: NodeLook<'cat-calico-nodename'>,
): Promise<{ readonly names: NodeNames; readonly evidence: Evidence }> {
  const transcript = await node.run(catCalicoNodename);
  const isAbsent = transcript.exit === 1 && transcript.stderr.includes('No such file');
  const plugin = isAbsent ? null : outputOf(transcript).trim();
  if (plugin !== null && (plugin === '' || plugin.length > longest || /\s/.test(plugin)))
    throw new LookError('not-parsed', `${transcript.command} printed no name: ${plugin.slice(0, 80) || '(empty)'}`);
  return { names: { node: node.node, plugin }, evidence: evidenceOf(transcript) };
}
