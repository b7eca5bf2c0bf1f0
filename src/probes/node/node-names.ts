import { bashFelixNodeName } from '../../commands/bash.ts';
import { catCalicoNodename } from '../../commands/cat.ts';
import { observed, type Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { LookError } from '../../model/look-error.ts';
import type { NodeNames } from '../../model/node-names.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import { outputOf } from '../lib/evidence.ts';
import { hasLostRoute } from '../lib/lost-route.ts';
import { attempt, outputOrWhy } from '../lib/partial-reading.ts';

/** Longer names are none. */
const longest = 253;

export const nodeNames = defineClusterProbe({
  id: 'node-names',
  description:
    'The names by which the CNI plugin and Felix call a node. Read only where Felix has not programmed a pod: it ' +
    'does not know the interface, or the route is not there; or the datastore has no endpoint under the name that ' +
    'Kubernetes has.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [catCalicoNodename, bashFelixNodeName],
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
        found.flatMap(({ evidence }) => evidence),
      ),
    };
  },
});

async function readNames(
  node: NodeLook<'cat-calico-nodename' | 'bash-felix-node-name'>,
): Promise<{ readonly names: NodeNames; readonly evidence: readonly Evidence[] }> {
  const [transcript, ofFelix] = await Promise.all([
    node.run(catCalicoNodename),
    attempt((command) => node.run(command), bashFelixNodeName),
  ]);
  const isAbsent = transcript.exit === 1 && transcript.stderr.includes('No such file');
  const plugin = isAbsent ? null : outputOf(transcript).trim();
  if (plugin !== null && (plugin === '' || plugin.length > longest || /\s/.test(plugin)))
    throw new LookError('not-parsed', `${transcript.command} printed no name: ${plugin.slice(0, 80) || '(empty)'}`);
  const felix = felixNameIn(outputOrWhy(ofFelix));
  return {
    names: { node: node.node, plugin, felix },
    evidence: [
      evidenceOf(transcript),
      ...(felix === null || ofFelix instanceof LookError ? [] : [evidenceOf(ofFelix)]),
    ],
  };
}

/**
 * Its environment comes before its file and the datastore, and its names have these characters
 * (felix/config/config_params.go). Two that differ tell nothing.
 */
function felixNameIn(printed: string | LookError): string | null {
  if (printed instanceof LookError) return null;
  const names = new Set(
    [...printed.matchAll(/^FELIX_FELIXHOSTNAME=([A-Za-z0-9_.-]{1,253})$/gim)].map(([, name = '']) => name),
  );
  const [name, ...others] = names;
  return others.length === 0 ? (name ?? null) : null;
}
