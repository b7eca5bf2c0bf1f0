import type { Fact } from '../../model/evidence.ts';
import type { Flow, FlowEnd } from '../../model/facts.ts';
import type { InterfaceSetting, InterfaceSettings, Route } from '../../model/network.ts';
import { deviceTo } from '../../model/routes.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';
import { isCrossNode } from './flow-place.ts';

/** Where a packet of the flow comes in on a node that must send it on to another host. */
export interface FlowEntry {
  readonly packet: 'request' | 'answer';
  readonly place: 'target' | 'source';
  readonly node: string;
  readonly interface: string;
  /** What of Calico's it is; `card`: a network interface of the node, or another one that is not Calico's. */
  readonly kind: 'pod' | 'tunnel' | 'card';
  /** Who sent the packet. */
  readonly from: string;
}

/**
 * Returns every entry of the flow, in the order in which its packets meet them. A packet that a node sends itself, or
 * that is for the node itself, is not sent on. Packets leave one node and enter the other by the same kind of device.
 * @param sourceRoutes null: not known; entries that depend on them are left out
 */
export function flowEntries(
  flow: Flow,
  targetRoutes: readonly Route[],
  sourceRoutes: readonly Route[] | null,
): readonly FlowEntry[] {
  const { source, destination } = flow;
  if (!isCrossNode(flow))
    return [podEntry('request', 'target', source), podEntry('answer', 'target', destination)].flatMap(
      (one) => one ?? [],
    );
  const into = entryDevice(targetRoutes, sourceRoutes, { from: source, to: destination });
  const back = sourceRoutes && entryDevice(sourceRoutes, targetRoutes, { from: destination, to: source });
  return [
    podEntry('request', 'source', source),
    destination.interface === null ? null : nodeEntry('request', 'target', { at: destination, from: source }, into),
    podEntry('answer', 'target', destination),
    source.interface === null ? null : nodeEntry('answer', 'source', { at: source, from: destination }, back),
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
  if (at.node === null || device === null) return null;
  const kind = tunnelOfDevice(device).device === null ? 'card' : 'tunnel';
  return { packet, place, node: at.node, interface: device, kind, from: from.address };
}

/** The device by which packets come in: the sender's tunnel, else the way back to the sender. */
function entryDevice(
  here: readonly Route[],
  there: readonly Route[] | null,
  { from, to }: { readonly from: FlowEnd; readonly to: FlowEnd },
): string | null {
  const out = there && deviceTo(there, to.address);
  if (there && out === null) return null;
  return out !== null && tunnelOfDevice(out).device !== null ? out : deviceTo(here, from.address);
}

/** The settings of an interface; null: they were not read. */
export function settingsOf(settings: Fact<InterfaceSettings>, name: string): InterfaceSetting | null {
  if (settings.status === 'unavailable') return null;
  return settings.value.interfaces.find((one) => one.name === name) ?? null;
}
