import { bashPodNetwork6InPod, bashPodNetworkInPod } from '../../commands/bash.ts';
import { familyOf } from '../../model/addresses.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { FlowEnd } from '../../model/flow.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link, PodNetwork } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { outputOf } from '../lib/evidence.ts';
import { namespaceOf } from '../lib/pod-namespace.ts';
import { parsePodNetwork } from '../parse/pod-network.ts';

/** The lines that people read: all but the JSON of the links. */
const readable = /^[^[]/;

export const podNetwork = defineClusterProbe({
  id: 'pod-network',
  description: 'Links, routes and neighbours in the network namespace of each pod of the flow.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [bashPodNetworkInPod, bashPodNetwork6InPod],
  needs: ['flow'],
  uses: ['links@target', 'links@source'],
  runsOn: ['target', 'source'],
  provides: ['pod-network', 'source-pod-network'],
  async read(look, facts) {
    const { source, destination } = facts.get('flow');
    const readAt = async (place: 'target' | 'source', end: FlowEnd, peer: FlowEnd) => {
      if (end.kind !== 'pod' || isOnNodeNetwork(end))
        return unavailable('not-applicable', `${describeEnd(end)} has no network namespace of its own`);
      const links = await facts.ask(`links@${place}`);
      if (links.status === 'unavailable') return unavailable('needed-fact-missing', links.reason);
      return fact(() => readNetwork(look.on(place), end, peer, links.value));
    };
    const [target, from] = await Promise.all([
      readAt('target', destination, source),
      readAt(source.node === destination.node ? 'target' : 'source', source, destination),
    ]);
    return { 'pod-network': target, 'source-pod-network': from };
  },
});

async function readNetwork(
  node: NodeLook<'bash-pod-network-in-pod' | 'bash-pod-network6-in-pod'>,
  end: FlowEnd,
  peer: FlowEnd,
  links: readonly Link[],
): Promise<Fact<PodNetwork>> {
  const host = podLink(links, end);
  if (!host) return unavailable('not-applicable', `the node has no interface ${end.interface} that leads to the pod`);
  const namespace = namespaceOf(end, links);
  const family = familyOf(end.address);
  const command = family === 6 ? bashPodNetwork6InPod : bashPodNetworkInPod;
  const inside = await node.run(command, { netns: namespace, address: peer.address });
  outputOf(inside);
  const network = parsePodNetwork(inside, family);
  const ownInterface = network.links.find(({ index }) => index === host.peerIndex)?.name ?? null;
  return observed({ ...network, namespace, hostInterface: host.name, ownInterface }, [evidenceOf(inside, readable)]);
}

/** One pod that cannot be read costs its own fact only. */
async function fact<T>(read: () => Promise<Fact<T>>): Promise<Fact<T>> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof LookError) return unavailable(error.code, error.message);
    throw error;
  }
}
