import { familyOf } from '../model/addresses.ts';
import type { Flow, FlowEnd } from '../model/flow.ts';
import type { Place } from '../model/facts.ts';
import type { WayQuestion } from '../model/kernel-way.ts';
import type { Link, Route } from '../model/network.ts';
import { podLink } from '../model/pod-link.ts';
import { deviceTo } from '../model/routes.ts';
import { tunnelsOf } from '../tunnels/registry.ts';
import { isOnNodeNetwork } from './ends.ts';

/** The readings of a node that its kernel's questions need. */
export interface NodeView {
  readonly links: readonly Link[];
  readonly routes: readonly Route[];
}

/**
 * Returns the questions about the flow for the kernels of both nodes. No question waits for the answer to another: if a
 * packet may enter by several interfaces or with several addresses, there is one question for each.
 * @param targetNode null: not read
 * @param source null: not read, or outside
 */
export function wayQuestions(
  flow: Flow,
  targetNode: NodeView | null,
  source: NodeView | null,
): Readonly<Record<Place, readonly WayQuestion[]>> {
  const { source: from, destination: to } = flow;
  const target = to.node === null ? null : targetNode;
  if (from.node === to.node) return { target: target ? sameNode(flow, target) : [], source: [] };
  const arriving = target ? arrivals(from, target, to.nodeAddress, source) : [];
  const podOfTarget = target ? podDevice(to, target) : null;
  const podOfSource = source ? podDevice(from, source) : null;
  const targetQuestions: readonly WayQuestion[] = !target
    ? []
    : [
        ...(isOnNodeNetwork(to)
          ? []
          : arriving.map((arrival) => ({ of: 'target-ingress' as const, destination: to.address, ...arrival }))),
        own('target-own', isOnNodeNetwork(to) ? null : to.address),
        ...distinct(arriving.map(({ source: address }) => address)).map((address) =>
          leaving('reply-target-egress', to, podOfTarget, address),
        ),
        own('reply-target-outer', from.nodeAddress),
        gateway('target-gateway', to, podOfTarget),
      ].flat();
  const sourceQuestions: readonly WayQuestion[] = !source
    ? []
    : [
        leaving('source-egress', from, podOfSource, to.address),
        own('source-outer', to.nodeAddress),
        ...(isOnNodeNetwork(from)
          ? []
          : arrivals(to, source, from.nodeAddress, target).map((arrival) => ({
              of: 'reply-source-ingress' as const,
              destination: from.address,
              ...arrival,
            }))),
        gateway('source-gateway', from, podOfSource),
      ].flat();
  return { target: targetQuestions, source: sourceQuestions };
}

/**
 * Returns the interface by which a pod's packets enter its node; null: it is not known, or the end is not a pod with a
 * network of its own.
 */
export function podDevice(end: FlowEnd, { links }: Pick<NodeView, 'links'>): string | null {
  return isOnNodeNetwork(end) || end.kind === 'outside' ? null : (podLink(links, end)?.name ?? null);
}

function sameNode(flow: Flow, node: NodeView): readonly WayQuestion[] {
  const { source: from, destination: to } = flow;
  const [fromDevice, toDevice] = [podDevice(from, node), podDevice(to, node)];
  return [
    leaving('same-node', from, fromDevice, to.address),
    own('target-own', isOnNodeNetwork(to) ? null : to.address),
    leaving('reply-same-node', to, toDevice, from.address),
    gateway('source-gateway', from, fromDevice),
    gateway('target-gateway', to, toDevice),
  ].flat();
}

/** Returns the addresses and interfaces with which packets from an end on the other node may come in. */
function arrivals(
  end: FlowEnd,
  node: NodeView,
  nodeAddress: string | null,
  peer: NodeView | null,
): readonly { readonly source: string; readonly inInterface: string }[] {
  const card =
    node.links.find(({ addresses }) => addresses.some(({ address }) => address === nodeAddress))?.name ??
    (end.nodeAddress ? deviceTo(node.routes, end.nodeAddress) : deviceTo(node.routes, end.address));
  const sources = [end.address, ...(isOnNodeNetwork(end) ? chosenAddress(peer, nodeAddress) : [])];
  const plain = card && card !== 'lo' ? distinct(sources).map((source) => ({ source, inInterface: card })) : [];
  if (end.kind === 'outside') return plain;
  const tunnelled = tunnelsOf(familyOf(end.address)).flatMap(({ device }) => {
    if (device === null || !node.links.some(({ name }) => name === device.name)) return [];
    // A node's own packets through a tunnel have the tunnel's address.
    const source = isOnNodeNetwork(end)
      ? peer?.links.find(({ name }) => name === device.name)?.addresses[0]?.address
      : end.address;
    return source === undefined ? [] : [{ source, inInterface: device.name }];
  });
  return [...tunnelled, ...plain];
}

/** The address that a node's kernel gives to packets for the other node; empty: it is not known. */
function chosenAddress(peer: NodeView | null, nodeAddress: string | null): readonly string[] {
  const device = peer && nodeAddress ? deviceTo(peer.routes, nodeAddress) : null;
  const link = peer?.links.find(({ name }) => name === device);
  return link?.addresses.slice(0, 1).map(({ address }) => address) ?? [];
}

function own(of: 'target-own' | 'source-outer' | 'reply-target-outer', destination: string | null): WayQuestion[] {
  return destination === null ? [] : [{ of, destination, source: null, inInterface: null }];
}

/** Returns the question for a packet of an end of this node; none for a pod whose interface is not known. */
function leaving(
  of: 'source-egress' | 'reply-target-egress' | 'same-node' | 'reply-same-node',
  end: FlowEnd,
  device: string | null,
  destination: string,
): WayQuestion[] {
  if (isOnNodeNetwork(end)) return [{ of, destination, source: null, inInterface: null }];
  return device === null ? [] : [{ of, destination, source: end.address, inInterface: device }];
}

function gateway(of: 'source-gateway' | 'target-gateway', end: FlowEnd, device: string | null): WayQuestion[] {
  // A pod's gateway of IPv6 is the link-local address of its interface's other end: no route leads to it.
  return device === null || familyOf(end.address) === 6
    ? []
    : [{ of, destination: podGateway, source: end.address, inInterface: device }];
}

/**
 * Every pod's gateway of IPv4. No interface has it; the node answers for it (the CNI plugin's `169.254.1.1 dev eth0`).
 */
export const podGateway = '169.254.1.1';

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
