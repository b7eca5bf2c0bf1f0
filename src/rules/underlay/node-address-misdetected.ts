import { familyOf, hostPrefix, type AddressFamily } from '../../model/addresses.ts';
import type { CalicoNodeLookup } from '../../model/calico.ts';
import type { Denials } from '../../model/denial.ts';
import type { Evidence, Fact } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { PathCapture } from '../../model/path-capture.ts';
import type { Link, Route } from '../../model/network.ts';
import type { TunnelNeighbour } from '../../model/tunnel-neighbour.ts';
import { nodeAddress } from '../../model/resource.ts';
import { prefixOf, routesTo } from '../../model/routes.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { heldAddress } from '../lib/calico-node-address.ts';
import { everyWay, onThisInstall, partsData } from '../lib/calico-parts.ts';
import { isCrossNode } from '../../model/flow-place.ts';

/** One of the flow's nodes, with what is known of it and of the other. */
interface Side {
  readonly end: FlowEnd;
  /** The other node, and its address. */
  readonly peer: string;
  readonly peerAddress: string | null;
  readonly links: Fact<readonly Link[]>;
  readonly peerLinks: Fact<readonly Link[]>;
  /** Of the other node. */
  readonly routesHere: Fact<readonly Route[]>;
  /** Asked packets or replies of the other node were captured on this one's card. */
  readonly isReached: boolean;
  /** To which the other node sends tunnel packets for this one, by its forwarding entries. */
  readonly sentTo: readonly string[];
}
type Known = Readonly<{ nodes: readonly CalicoNodeLookup[]; denials: Fact<Denials>; family: AddressFamily }>;

/** How calico-node finds the address of its node. */
const detection = {
  manifest:
    'kubectl -n {calicoNamespace} set env daemonset/{calicoNode} IP_AUTODETECTION_METHOD=can-reach={peerAddress}',
  operator:
    "kubectl patch installation default --type json -p '[{" +
    '"op":"add","path":"/spec/calicoNetwork/nodeAddressAutodetectionV4","value":{"canReach":"{peerAddress}"}}]' +
    "'",
};
const relief = [
  `calicoctl patch node {node} -p '{"spec":{"bgp":{"ipv4Address":"{real}/{prefix}"}}}'   # relief until ` +
    'calico-node starts again there',
  'calicoctl get node -o wide   # is any other address wrong, or there twice?',
];
const administrator = 'the Calico administrator';

export const nodeAddressMisdetected = defineRule({
  id: 'node-address-misdetected',
  description: "Calico's object of a node has an address that the node does not use between the nodes.",
  step: 'underlay',
  requires: ['flow', 'calico-nodes'],
  considers: [
    'denials',
    'flow-outcome',
    'links@target',
    'links@source',
    'routes@target',
    'routes@source',
    'path-capture',
    'install',
    'tunnel-neighbours',
  ],
  withholds: ['nodeAddress'],
  advice: {
    who: administrator,
    commands: [...everyWay(detection), ...relief],
  },
  messages: {
    wrong: {
      title: 'Calico holds the wrong address for {node}: {held}, {whose}',
      detail: 'Between the nodes, {node} uses {real}. {harm}',
    },
    none: {
      title: 'Calico holds no address for {node}',
      detail: 'Between the nodes, {node} uses {real}. {harm}',
    },
  },
  judge({ flow, 'calico-nodes': nodes }, considered, evidence) {
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    const { 'flow-outcome': outcome, 'path-capture': capture, denials, install } = considered;
    if (install.status === 'observed' && install.value.backend === 'none')
      return notApplicable('another network plugin leads packets between the nodes, and Calico needs no addresses');
    // A node behind translated addresses may be held by one that it does not have itself: where it works, it is right.
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return pass('the asked flow works');
    const { source, destination } = flow;
    const target: Side = {
      end: destination,
      peer: source.node ?? '',
      peerAddress: source.nodeAddress,
      links: considered['links@target'],
      peerLinks: considered['links@source'],
      routesHere: considered['routes@source'],
      isReached: hasSeen(capture, 'target-card', 'requests'),
      sentTo: sentTo(considered['tunnel-neighbours'], destination),
    };
    const sender: Side = {
      end: source,
      peer: destination.node ?? '',
      peerAddress: destination.nodeAddress,
      links: considered['links@source'],
      peerLinks: considered['links@target'],
      routesHere: considered['routes@target'],
      isReached: hasSeen(capture, 'source-card', 'replies'),
      sentTo: sentTo(considered['tunnel-neighbours'], source),
    };
    const family = familyOf(destination.address);
    const findings = [target, sender].flatMap((side): readonly RawFinding<'wrong' | 'none'>[] => {
      const found = wrongAddress(side, { nodes, denials, family });
      const linksKey = side === target ? 'links@target' : 'links@source';
      return found
        ? [
            {
              ...found,
              data: { ...found.data, ...partsData(install) },
              advice: { who: administrator, commands: [...onThisInstall(install, detection), ...relief] },
              evidence: [...evidence('calico-nodes'), ...addressEvidence(side.links, evidence(linksKey))],
            },
          ]
        : [];
    });
    if (findings.length > 0) return fail(...findings);
    const unknown = [source, destination].find(({ node }) => node && heldAddress(nodes, node, family) === undefined);
    return unknown
      ? inconclusive(`Calico's datastore has no node ${unknown.node}`)
      : pass('Calico holds the addresses that the nodes use');
  },
});

function wrongAddress(
  side: Side,
  { nodes, denials, family }: Known,
): Omit<RawFinding<'wrong' | 'none'>, 'evidence'> | null {
  const { end, peer, links } = side;
  const { node } = end;
  const held = node === null ? undefined : heldAddress(nodes, node, family);
  if (node === null || held === undefined) return null;
  const refused = denials.status === 'observed' ? refusedFrom(denials.value, peer) : null;
  const real = refused ?? end.nodeAddress;
  if (real === null || held === real) return null;
  const strayed = links.status === 'observed' && deviceOf(links.value, held) === null;
  const harm = harmOf(side, held, refused, strayed);
  if (!harm) return null;
  return {
    message: held === null ? 'none' : 'wrong',
    data: {
      node,
      peer,
      held: held ?? '',
      whose: whoseWords(side, held, heldAddress(nodes, peer, family)),
      real,
      harm: harm.words,
      prefix: String(prefixLength(links, real)),
      peerAddress: side.peerAddress ?? peer,
    },
    subject: { kind: 'Node', name: node },
    node,
    proof: 'read',
    stopsFlow: harm.stopsFlow,
    withholds: [nodeAddress(node)],
  };
}

/** The sender of a tunnel packet of this node that the other refuses. */
function refusedFrom({ denied }: Denials, peer: string): string | null {
  return denied.find((one) => one.class === 'tunnel-guard' && one.node === peer)?.packet.source ?? null;
}

/** What the wrong address does to the flow; null: nothing that was seen. */
function harmOf(
  { end, peer, routesHere, isReached, sentTo: destinations }: Side,
  held: string | null,
  refused: string | null,
  isStray: boolean,
): { readonly words: string; readonly stopsFlow: boolean } | null {
  if (refused !== null)
    return {
      words: `${peer} refuses tunnel packets from every address but those that Calico holds.`,
      stopsFlow: false,
    };
  if (!isStray || isReached || end.interface === null || routesHere.status === 'unavailable') return null;
  if (held !== null && destinations.includes(held))
    return { words: `${peer} sends tunnel packets for ${end.node} to ${held}.`, stopsFlow: true };
  const [taken] = routesTo(routesHere.value, end.address);
  if (taken?.type === 'unicast' && taken.gateway !== null && taken.gateway === held)
    return { words: `${peer} sends packets for the pods of ${end.node} to ${held}.`, stopsFlow: true };
  return !taken || taken.type !== 'unicast' || prefixOf(taken) === 0
    ? { words: `${peer} has no route to the pods of ${end.node}.`, stopsFlow: false }
    : null;
}

function sentTo(neighbours: Fact<readonly TunnelNeighbour[]>, { node }: FlowEnd): readonly string[] {
  const found = neighbours.status === 'observed' ? neighbours.value.find(({ peer }) => peer === node) : undefined;
  return found?.destinations ?? [];
}

function whoseWords({ end, peer, links, peerLinks }: Side, held: string | null, ofPeer: string | null | undefined) {
  if (held === null) return '';
  if (held === ofPeer) return `which it holds for ${peer} too`;
  if (peerLinks.status === 'observed' && deviceOf(peerLinks.value, held) !== null) return `which ${peer} has`;
  if (links.status === 'unavailable') return `and packets of ${end.node} come from another`;
  const device = deviceOf(links.value, held);
  return device === null ? `which ${end.node} does not have` : `which ${end.node} has on ${device}`;
}

function deviceOf(links: readonly Link[], address: string | null): string | null {
  return links.find((link) => link.addresses.some((own) => own.address === address))?.name ?? null;
}

function prefixLength(links: Fact<readonly Link[]>, address: string): number {
  const own = links.status === 'observed' ? links.value.flatMap(({ addresses }) => addresses) : [];
  return own.find((one) => one.address === address)?.prefixLength ?? hostPrefix(familyOf(address));
}

function hasSeen(
  capture: Fact<PathCapture>,
  hop: 'target-card' | 'source-card',
  what: 'requests' | 'replies',
): boolean {
  return (
    capture.status === 'observed' && capture.value.places.some((place) => place.hop === hop && place[what].length > 0)
  );
}

/** The node's interfaces with their addresses, a line each. */
function addressEvidence(links: Fact<readonly Link[]>, read: readonly Evidence[]): readonly Evidence[] {
  const [first] = read;
  if (links.status === 'unavailable' || !first) return [];
  const lines = links.value.flatMap(({ name, addresses }) =>
    addresses.map(({ address, prefixLength: length }) => `${name} ${address}/${length}`),
  );
  return [{ ...first, excerpt: lines.join('\n') }];
}
