import type { Fact } from '../model/evidence.ts';
import type { Flow } from '../model/flow.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import type { Link, PodNeighbour, PodNetwork } from '../model/network.ts';
import { podLink } from '../model/pod-link.ts';
import type { Gathering } from './gather.ts';

/**
 * Returns notes about what leads packets of a failing flow elsewhere and that no rule judges: a node's NAT rule that
 * changes the destination, and neighbour entries with a wrong Ethernet address.
 */
export async function wayNotes(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, outcome] = await Promise.all([gathering.fact('flow'), gathering.fact('flow-outcome')]);
  if (flow.status === 'unavailable') return [];
  if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return [];
  const [walks, neighbours, own, sourceOwn, links, sourceLinks] = await Promise.all([
    gathering.fact('walks'),
    gathering.fact('pod-neighbours'),
    gathering.fact('pod-network'),
    gathering.fact('source-pod-network'),
    gathering.fact('links@target'),
    gathering.fact('links@source'),
  ]);
  const { source, destination } = flow.value;
  const entries = neighbours.status === 'observed' ? neighbours.value : [];
  return [
    ...new Set([
      ...(walks.status === 'observed' ? walks.value.flatMap(noteOfRedirect) : []),
      ...notesOfNeighbours(destination, own, links, entries),
      ...notesOfNeighbours(source, sourceOwn, source.node === destination.node ? links : sourceLinks, entries),
    ]),
  ];
}

const requests: readonly PacketWalk['leg'][] = ['source-egress', 'target-ingress', 'same-node'];

function at(address: string, port: number | null): string {
  return port === null ? address : `${address}:${port}`;
}

function noteOfRedirect({ leg, node, packet, result, redirected }: PacketWalk): readonly string[] {
  if (!redirected || !requests.includes(leg)) return [];
  const isSame = (to: typeof packet) => to.destination === redirected.address && to.destinationPort === redirected.port;
  if (!result.ends.every((end) => isSame(end.packet))) return [];
  const { address, port, by } = redirected;
  return [
    `A rule of ${node} sends the packet to ${at(address, port)}, and not to ` +
      `${at(packet.destination, packet.destinationPort)}${by === null ? '' : ` (${by})`}. ` +
      `To do next on ${node}: iptables-save -t nat; nft list ruleset   # find out who added it`,
  ];
}

function isOther({ linkAddress }: PodNeighbour, right: string): boolean {
  return linkAddress !== null && linkAddress !== right;
}

function next(where: string): string {
  return `To do next${where}: ip neigh show   # remove the entry, and find out who made it`;
}

/** Returns the neighbour entries of both ends of a pod's interface: each end must hold the other's address. */
function notesOfNeighbours(
  end: Flow['destination'],
  network: Fact<PodNetwork>,
  links: Fact<readonly Link[]>,
  entries: readonly PodNeighbour[],
): readonly string[] {
  if (network.status === 'unavailable' || links.status === 'unavailable') return [];
  const inside = network.value.links.find(({ name }) => name === network.value.ownInterface);
  const outside = podLink(links.value, end);
  if (inside?.linkAddress === undefined || outside?.linkAddress === undefined || outside.kind !== 'veth') return [];
  const pod = `${end.namespace}/${end.name}`;
  return [
    ...entries
      .filter((entry) => entry.address === end.address && entry.device === outside.name)
      .filter((entry) => isOther(entry, inside.linkAddress ?? ''))
      .map(
        ({ node, linkAddress, state }) =>
          `${node} sends packets for pod ${pod} to the Ethernet address ${linkAddress} (${state}), and the pod has ` +
          `${inside.linkAddress}. ${next(` on ${node}`)}`,
      ),
    ...network.value.neighbours
      .filter((entry) => entry.device === inside.name && isOther(entry, outside.linkAddress ?? ''))
      .map(
        ({ address, linkAddress, state }) =>
          `Pod ${pod} sends packets for ${address} to the Ethernet address ${linkAddress} (${state}), and ` +
          `${outside.name} has ${outside.linkAddress}. ${next(' in the pod')}`,
      ),
  ];
}
