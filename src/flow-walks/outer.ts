import type { FlowEnd } from '../model/flow.ts';
import type { Link, Route } from '../model/network.ts';
import type { KernelRoute, KernelWay, WayOf } from '../model/kernel-way.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import { addressRange, rangeHolds } from '../model/addresses.ts';
import { deviceTo, routesTo } from '../model/routes.ts';
import type { NodePair } from '../tunnels/contract.ts';
import { tunnelOfDevice } from '../tunnels/registry.ts';
import { packetOf } from '../ruleset/walk/packet.ts';

/** One of the two nodes between which a tunnel packet travels. */
export interface TunnelNode {
  readonly end: Pick<FlowEnd, 'nodeAddress'>;
  /** null: it was not read. */
  readonly read: {
    readonly routes: readonly Route[];
    readonly links: readonly Link[];
    /** What its kernel answered. Not given: the main table decides. */
    readonly ways?: readonly KernelWay[];
  } | null;
}

/**
 * Returns the packet that carries another from one node to the other; null where the device leads into no tunnel, or a
 * node has no address.
 * @param device by which the packet goes into the tunnel
 */
export function outerPacket(device: string, inner: Packet, sender: TunnelNode, receiver: TunnelNode): Packet | null {
  const tunnel = tunnelOfDevice(device);
  const [source, destination] = [sender.end.nodeAddress, receiver.end.nodeAddress];
  if (tunnel.device === null || !source || !destination) return null;
  const usual = { source, destination };
  const outer = tunnel.outer(inner, tunnel.routedByNode ? routedPair(inner, usual, sender, receiver) : usual);
  // Calico's vxlanPort gives its device another port than the usual one.
  const port = sender.read?.links.find(({ name }) => name === device)?.vxlan?.port;
  return packetOf(port === undefined ? outer : { ...outer, destinationPort: port });
}

/**
 * A node may have several addresses. The packet goes to the gateway of its route, with an address of the interface that
 * leads there; if the kernel was asked, with those that it chose. A gateway that the other node does not have leads
 * elsewhere: the rules about routes judge that.
 */
function routedPair(inner: Packet, usual: NodePair, { read: from }: TunnelNode, { read: to }: TunnelNode): NodePair {
  if (!from) return usual;
  const way = routeTo(from.ways, ['source-egress', 'reply-target-egress'], inner.destination);
  const gateway = way ? way.gateway : routesTo(from.routes, inner.destination)[0]?.gateway;
  if (!gateway) return usual;
  const isTheirs = to?.links.some(({ addresses }) => addresses.some(({ address }) => address === gateway));
  const destination = isTheirs ? gateway : usual.destination;
  const around = routeTo(from.ways, ['source-outer', 'reply-target-outer'], destination);
  if (around?.preferredSource) return { source: around.preferredSource, destination };
  const device = around?.device ?? deviceTo(from.routes, destination);
  const out = from.links.find(({ name }) => name === device);
  const own = out?.addresses ?? [];
  if (own.length === 0 || own.some(({ address }) => address === usual.source)) return { ...usual, destination };
  const near = own.find(({ address, prefixLength }) => {
    const range = addressRange(`${address}/${prefixLength}`);
    return range !== null && rangeHolds(range, destination);
  });
  return { source: (near ?? own[0])?.address ?? usual.source, destination };
}

/** null: the kernel was not asked for such a packet, or has no way for it. */
function routeTo(
  ways: readonly KernelWay[] | undefined,
  of: readonly WayOf[],
  destination: string,
): KernelRoute | null {
  const answer = ways?.find((way) => of.includes(way.of) && way.destination === destination)?.answer;
  return answer?.kind === 'route' && answer.type === 'unicast' ? answer : null;
}
