import type { Fact } from '../../model/evidence.ts';
import type { FactKey, FactValue } from '../../model/facts.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { InterfaceSetting, InterfaceSettings, Link, Route } from '../../model/network.ts';
import { wayOf, type KernelRoute, type KernelWay } from '../../model/kernel-way.ts';
import { podLink } from '../../model/pod-link.ts';
import { deviceTo, routesTo } from '../../model/routes.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';
import { isCrossNode, leavesCluster } from '../../model/flow-place.ts';

/** What entries are found in, and the settings of their interfaces. */
export const entryFacts = [
  'routes@target',
  'links@target',
  'interface-settings@target',
  'routes@source',
  'links@source',
  'interface-settings@source',
  'client-entry',
] as const satisfies readonly FactKey[];

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

/** What both kernels answered; empty: they were not asked, and the main tables must do. */
type Ways = readonly KernelWay[];

/**
 * Returns every entry of the flow, in the order in which its packets meet them. A packet that a node sends itself, or
 * that is for the node itself, is not sent on. Out of a tunnel's device a packet comes in by the other end's device of
 * the same name; as it is, it comes in where the next hop's address is. The kernel says which of both, where it was
 * asked. What a client outside sends comes in where it was seen.
 */
export function flowEntries(
  flow: Flow,
  target: NodeWays | null,
  source: NodeWays | null,
  ways: Ways,
  client: Fact<FactValue<'client-entry'>>,
): readonly FlowEntry[] {
  const { source: from, destination: to } = flow;
  if (leavesCluster(flow)) {
    const out = sentTo(ways, 'source-egress', to)?.device ?? null;
    const answer = from.interface === null ? null : nodeEntry('answer', 'source', { at: from, from: to }, out);
    return [podEntry('request', 'source', from, source), answer].flatMap((one) => one ?? []);
  }
  if (!isCrossNode(flow))
    return [podEntry('request', 'target', from, target), podEntry('answer', 'target', to, target)].flatMap(
      (one) => one ?? [],
    );
  const into =
    from.kind === 'outside'
      ? client.status === 'observed'
        ? client.value.interface
        : null
      : entryDevice({ here: target, there: source, peer: to.address, way: sentTo(ways, 'source-egress', to) });
  const back = entryDevice({
    here: source,
    there: target,
    peer: from.address,
    way: sentTo(ways, 'reply-target-egress', from),
  });
  return [
    podEntry('request', 'source', from, source),
    to.interface === null ? null : nodeEntry('request', 'target', { at: to, from }, into),
    podEntry('answer', 'target', to, target),
    from.interface === null ? null : nodeEntry('answer', 'source', { at: from, from: to }, back),
  ].flatMap((one) => one ?? []);
}

/** A pod's packet comes in by the pod's own interface. */
function podEntry(
  packet: FlowEntry['packet'],
  place: FlowEntry['place'],
  end: FlowEnd,
  here: NodeWays | null,
): FlowEntry | null {
  const { node, address } = end;
  const name = (here && podLink(here.links, end)?.name) ?? end.interface;
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

/** What the sender's kernel answered for certain; null: the main table must do. */
function sentTo(ways: Ways, of: 'source-egress' | 'reply-target-egress', { address }: FlowEnd): KernelRoute | null {
  const way = wayOf(ways, { of, destination: address });
  return way?.answer.kind === 'route' && way.doubt === null ? way.answer : null;
}

/** null: what was read does not tell it. */
function entryDevice({
  here,
  there,
  peer,
  way,
}: {
  readonly here: NodeWays | null;
  readonly there: NodeWays | null;
  readonly peer: string;
  readonly way: KernelRoute | null;
}): string | null {
  if (there === null) return null;
  const out = way?.device ?? deviceTo(there.routes, peer);
  if (out !== null && tunnelOfDevice(out).device !== null) return out;
  const [taken] = routesTo(there.routes, peer);
  const hop = way ? way.gateway : (taken?.gateway ?? taken?.nextHops[0]?.gateway);
  // Of several hops the kernel names one, and takes another for the next flow.
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
