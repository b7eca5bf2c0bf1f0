import { neighbourProtocol } from '../../model/addresses.ts';
import type { Fact } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import type { Link } from '../../model/network.ts';
import { felixOf, nodeAddress, programming } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import type { Sightings, WayPoint } from '../../model/sightings.ts';
import type { TunnelNeighbour } from '../../model/tunnel-neighbour.ts';
import { unlikeVxlan } from '../lib/vxlan-settings.ts';

type Trouble = 'unresolved' | 'address' | 'forwarding' | 'elsewhere';
type Message = Trouble | 'settings';

const who = 'the owner of node {node}';
const looks = [
  'ip neigh show dev {device}; bridge fdb show dev {device}',
  'calicoctl get node {peer} -o yaml   # do ipv4VXLANTunnelAddr, vxlanTunnelMACAddr and the address match {peer}?',
];
const settingsLooks = [
  'ip -d link show dev {device}   # on {node} and on {peer}: compare "vxlan id" and "dstport"',
  'calicoctl get felixconfiguration -o yaml   # vxlanPort and vxlanVNI: has one of the nodes its own?',
];

export const vxlanNeighbourLost = defineRule({
  id: 'vxlan-neighbour-lost',
  description:
    'One of the two nodes cannot find the other in the VXLAN tunnel: the neighbour entry or the forwarding entry of ' +
    'its device is missing or wrong, or the devices have unlike settings.',
  step: 'routes',
  sharedBy: 'both-nodes',
  requires: ['flow', 'tunnel-neighbours'],
  considers: ['links@target', 'links@source', 'flow-outcome', 'sightings', 'dataplanes'],
  lacks: ['nodeAddress', 'felix', 'programming'],
  advice: {
    who,
    commands: [
      ...looks,
      'ip neigh replace {gateway} lladdr {linkAddress} dev {device} nud permanent   # relief: Felix writes the same',
      'bridge fdb replace {linkAddress} dev {device} dst {peerAddress}   # the same',
    ],
  },
  messages: {
    unresolved: {
      title: '{node} does not know the link-layer address of {peer} in the VXLAN tunnel',
      detail:
        'Packets for the pods of {peer} go to {gateway} on {device}, which has no usable neighbour entry ({state}). ' +
        'Felix writes the entry, and nobody answers {asking} in the tunnel. The kernel drops the packets.',
    },
    address: {
      title: '{node} sends VXLAN packets for {peer} to a wrong link-layer address',
      detail:
        'On {node}, the neighbour entry of {gateway} is {found}. {device} of {peer} has {linkAddress}, so {peer} ' +
        'drops the packets that come out of the tunnel.',
    },
    forwarding: {
      title: '{node} does not know to which node it must send VXLAN packets for {peer}',
      detail:
        'The forwarding database of {device} on {node} has no entry for {found}, the link-layer address of ' +
        '{gateway}. Felix writes the entry. Without it, the kernel drops the packets.',
    },
    elsewhere: {
      title: '{node} sends VXLAN packets for {peer} to {destinations}, which is not an address of {peer}',
      detail:
        'The forwarding database of {device} on {node} leads {found}, the link-layer address of {gateway}, to ' +
        '{destinations}. {peer} uses {peerAddress}.',
    },
    settings: {
      title: '{node} and {peer} have unlike VXLAN settings: {differences}',
      detail:
        '{device} of each node takes only packets with its own UDP port and network number, so each drops those of ' +
        'the other. Felix sets both from vxlanPort and vxlanVNI of FelixConfiguration, which one node can have for ' +
        'itself, or from the environment of calico-node.',
    },
  },
  judge({ flow, 'tunnel-neighbours': read }, considered, evidence) {
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    const { 'flow-outcome': outcome, sightings, dataplanes } = considered;
    // eBPF programs name the other node themselves: the device's forwarding database is empty there.
    const planes = dataplanes.status === 'observed' ? dataplanes.value : [];
    const neighbours = read.filter(({ node }) => !planes.some((one) => one.node === node && one.dataplane === 'ebpf'));
    if (neighbours.length === 0) return notApplicable('eBPF programs say to which node a tunnel packet goes');
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return pass('the asked flow works');
    const findings = neighbours.flatMap((neighbour): RawFinding<Message>[] => {
      const { node, peer, device, gateway, entry, destinations } = neighbour;
      const isRequest = peer === flow.destination.node;
      const to = isRequest ? flow.destination : flow.source;
      const links = considered[isRequest ? 'links@target' : 'links@source'];
      const linkAddress = linkAddressOf(links, device);
      const message = troubleOf(neighbour, to, links);
      if (message === null || peer === null || wasSeenBehind(message, isRequest, sightings)) return [];
      return [
        {
          message,
          data: {
            node,
            peer,
            device,
            gateway,
            asking: neighbourProtocol(gateway),
            state: entry?.state ?? 'none',
            found: entry?.linkAddress ?? '',
            linkAddress: linkAddress ?? 'not known',
            destinations: destinations.join(' and '),
            peerAddress: to.nodeAddress ?? '',
          },
          subject: { kind: 'NodePair', name: `${node}→${peer}` },
          node,
          proof: 'read',
          evidence: evidence('tunnel-neighbours'),
          stopsFlow: true,
          lacks: [nodeAddress(peer), felixOf(node), programming(node)],
          // Without the link-layer address of the peer there is nothing to write.
          ...(linkAddress === null ? { advice: { who, commands: looks } } : {}),
        },
      ];
    });
    const device = neighbours[0]?.device ?? '';
    const differences = unlikeVxlan(
      device,
      { node: flow.source.node, links: considered['links@source'] },
      { node: flow.destination.node, links: considered['links@target'] },
    );
    if (differences !== null && !wasSeenBehind('address', true, sightings)) {
      const [node, peer] = [flow.source.node ?? '?', flow.destination.node ?? '?'];
      findings.push({
        message: 'settings',
        data: { node, peer, device, differences },
        subject: { kind: 'NodePair', name: `${node}→${peer}` },
        node: flow.destination.node,
        proof: 'read',
        evidence: evidence('links@target'),
        stopsFlow: true,
        advice: { who: 'the Calico administrator', commands: settingsLooks },
      });
    }
    if (findings.length > 0) return fail(...findings);
    const linksTo = ({ peer }: TunnelNeighbour) =>
      considered[peer === flow.destination.node ? 'links@target' : 'links@source'];
    const strange = neighbours.find((one) => leadsElsewhere(one, linksTo(one)));
    if (strange)
      return inconclusive(
        `${strange.node} sends packets for ${strange.peer ?? '?'} to ${strange.gateway}, which is not an address of ` +
          `${strange.device} on ${strange.peer ?? '?'}`,
      );
    // Without the interfaces of a node, nobody asked it how it finds the other, or nobody knows what is right.
    return considered['links@target'].status === 'observed' && considered['links@source'].status === 'observed'
      ? pass('each node has the entries by which it finds the other')
      : inconclusive('the network interfaces of both nodes were not read');
  },
});

function troubleOf(
  neighbour: TunnelNeighbour,
  { nodeAddress: address }: FlowEnd,
  links: Fact<readonly Link[]>,
): Trouble | null {
  const { device, entry, destinations } = neighbour;
  if (!entry?.linkAddress) return 'unresolved';
  if (leadsElsewhere(neighbour, links)) return null;
  const expected = linkAddressOf(links, device);
  if (expected !== null && entry.linkAddress !== expected) return 'address';
  if (destinations.length === 0) return 'forwarding';
  // Calico may use another address of the node than Kubernetes does.
  if (links.status === 'unavailable') return null;
  const theirs = [address, ...links.value.flatMap((link) => link.addresses.map((own) => own.address))];
  return destinations.some((one) => theirs.includes(one)) ? null : 'elsewhere';
}

/** The entries are those of a third node: the route is wrong, and not they. */
function leadsElsewhere({ device, gateway, entry }: TunnelNeighbour, links: Fact<readonly Link[]>): boolean {
  const theirs = links.status === 'observed' ? links.value.find(({ name }) => name === device) : undefined;
  if (!theirs || theirs.addresses.length === 0 || !entry?.linkAddress) return false;
  return entry.linkAddress !== theirs.linkAddress && theirs.addresses.every(({ address }) => address !== gateway);
}

/** Of the tunnel's device; null: it was not read. */
function linkAddressOf(links: Fact<readonly Link[]>, device: string): string | null {
  return links.status === 'observed' ? (links.value.find(({ name }) => name === device)?.linkAddress ?? null) : null;
}

/**
 * A capture holds the packet where it would not be. What has a wrong link-layer address still comes out of the tunnel
 * on the other node, and is dropped there.
 */
function wasSeenBehind(trouble: Trouble, isRequest: boolean, sightings: Fact<Sightings>): boolean {
  if (sightings.status === 'unavailable') return false;
  const pod: WayPoint = isRequest ? 'target-pod' : 'source-pod';
  const card: WayPoint = isRequest ? 'target-card' : 'source-card';
  const places: readonly WayPoint[] = trouble === 'address' ? [pod] : [pod, card];
  return sightings.value.points.some(
    (one) => places.includes(one.point) && (isRequest ? one.requests : one.replies).length > 0,
  );
}
