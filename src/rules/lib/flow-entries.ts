import type { Fact } from '../../model/evidence.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { InterfaceSetting, InterfaceSettings, Link, Route } from '../../model/network.ts';
import { deviceTo, routesTo } from '../../model/routes.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';
import { isCrossNode } from './flow-place.ts';

/** Where a packet of the flow comes in on a node that must send it on to another host. */
export interface FlowEntry {
  readonly packet: 'request' | 'answer';
  readonly place: 'target' | 'source';
  readonly node: string;
  /** null: it is not certain by which one. */
  readonly interface: string | null;
  /** What of Calico's it is; `card`: a network interface of the node, or another one that is not Calico's. */
  readonly kind: 'pod' | 'tunnel' | 'card';
  /** Who sent the packet. */
  readonly from: string;
}

/** What was read of a node; null: it was not. */
export interface NodeWays {
  readonly routes: readonly Route[];
  readonly links: readonly Link[];
}

/**
 * Returns every entry of the flow, in the order in which its packets meet them. A packet that a node sends itself, or
 * that is for the node itself, is not sent on. Out of a tunnel's device a packet comes in by the other end's device of
 * the same name; as it is, it comes in where the next hop's address is.
 */
export function flowEntries(flow: Flow, target: NodeWays | null, source: NodeWays | null): readonly FlowEntry[] {
  const { source: from, destination: to } = flow;
  if (!isCrossNode(flow))
    return [podEntry('request', 'target', from), podEntry('answer', 'target', to)].flatMap((one) => one ?? []);
  const into = entryDevice({ here: target, there: source, peer: to.address });
  const back = entryDevice({ here: source, there: target, peer: from.address });
  return [
    podEntry('request', 'source', from),
    to.interface === null ? null : nodeEntry('request', 'target', { at: to, from }, into),
    podEntry('answer', 'target', to),
    from.interface === null ? null : nodeEntry('answer', 'source', { at: from, from: to }, back),
  ].flatMap((one) => one ?? []);
}

/** A pod's packet comes in by the pod's own interface. */
function podEntry(packet: FlowEntry['packet'], place: FlowEntry['place'], end: FlowEnd): FlowEntry | null {
  const { node, interface: name, address } = end;
  return node !== null && name !== null ? { packet, place, node, interface: name, kind: 'pod', from: address } : null;
}

function nodeEntry(
  packet: FlowEntry['packet'],
  place: FlowEntry['place'],
  { at, from }: { readonly at: FlowEnd; readonly from: FlowEnd },
  device: string | null,
): FlowEntry | null {
  if (at.node === null) return null;
  const kind = tunnelOfDevice(device).device === null ? 'card' : 'tunnel';
  return { packet, place, node: at.node, interface: device, kind, from: from.address };
}

/** null: what was read does not tell it. */
function entryDevice({
  here,
  there,
  peer,
}: {
  readonly here: NodeWays | null;
  readonly there: NodeWays | null;
  readonly peer: string;
}): string | null {
  if (there === null) return null;
  const out = deviceTo(there.routes, peer);
  if (out !== null && tunnelOfDevice(out).device !== null) return out;
  const [taken] = routesTo(there.routes, peer);
  const hop = taken?.gateway ?? taken?.nextHops[0]?.gateway;
  if (here === null || hop == null || (taken?.nextHops.length ?? 0) > 1) return null;
  return here.links.find(({ addresses }) => addresses.some(({ address }) => address === hop))?.name ?? null;
}

/** The settings of an interface; null: they were not read. */
export function settingsOf(settings: Fact<InterfaceSettings>, name: string | null): InterfaceSetting | null {
  if (settings.status === 'unavailable') return null;
  return settings.value.interfaces.find((one) => one.name === name) ?? null;
}

/** Routes and links of a node, where both were read. */
export function nodeWays(routes: Fact<readonly Route[]>, links: Fact<readonly Link[]>): NodeWays | null {
  return routes.status === 'observed' && links.status === 'observed'
    ? { routes: routes.value, links: links.value }
    : null;
}
