import type { Flow, FlowEnd } from '../model/flow.ts';
import { askedDevice, wayOf, type KernelWay, type WayQuestion } from '../model/kernel-way.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import { deviceTo } from '../model/routes.ts';
import { tunnelOfDevice } from '../tunnels/registry.ts';
import { delivered, forwarded, sent } from '../ruleset/walk/walk-hook.ts';
import type { Stage } from '../ruleset/walk/walk-state.ts';
import { isOnNodeNetwork } from './ends.ts';
import type { WalkedNode } from './walked-node.ts';
import { podDevice } from './way-questions.ts';

/** Where a packet goes on a node, and how far that is known. */
export interface ChosenWay {
  /** The interface by which it leaves; null: none, or the node itself is the receiver. */
  readonly device: string | null;
  /** The node itself is the receiver. */
  readonly local: boolean;
  /** Why the real packet may go another way; null: it does not. Without a full stop. */
  readonly doubt: string | null;
  /** The same, only where the main table stands in for a kernel that did not answer. */
  readonly guess: string | null;
}

/** The readings of a node that tell where its packets go. */
export interface AskedNode extends Pick<WalkedNode, 'routes' | 'ways'> {
  readonly rulesets: Pick<NodeRuleSets, 'node'>;
}

/**
 * Returns the kernel's choice for a packet; where the kernel was not asked, that of the main table, with the doubt.
 * @param wanted the kernel is asked once for each interface by which a packet may enter
 */
export function chosenWay(
  { ways, routes, rulesets }: AskedNode,
  wanted: Pick<WayQuestion, 'of' | 'destination'> & Partial<WayQuestion>,
): ChosenWay {
  const { destination } = wanted;
  const byMain = (why: string | null): ChosenWay => ({
    device: deviceTo(routes, destination),
    local: false,
    doubt: why,
    guess: why,
  });
  // The kernel can be asked only once the flow is known.
  if (ways === undefined) return byMain(null);
  const way = wayOf(ways, wanted);
  const where = `the way to ${destination} on ${rulesets.node}`;
  if (!way) return byMain(`the kernel was not asked for ${where}`);
  const { answer } = way;
  if (answer.kind === 'unavailable') return byMain(`the kernel could not be asked for ${where}: ${answer.reason}`);
  const known = { local: false, guess: null };
  if (answer.kind === 'refused')
    return { ...known, device: null, doubt: `the kernel refuses ${where}: ${answer.words}` };
  if (answer.type === 'local') return { ...known, device: null, local: true, doubt: way.doubt };
  return { ...known, device: answer.device, doubt: way.doubt };
}

/** The hooks that a packet meets on its way, and why it may meet others. */
export interface WalkedWay {
  readonly stages: readonly Stage[];
  readonly doubt: string | null;
  /** Why it may enter by another interface. Absent or null: it does not. */
  readonly entryDoubt?: string | null;
}

/** The interface by which a packet enters a node; null: it is not known. */
export interface Entry {
  readonly device: string | null;
  /** Why it may be another one; null: it is this one, as far as the kernels say. */
  readonly doubt: string | null;
}

/**
 * Returns the hooks of a packet that enters by an interface. It is forwarded, or it is for the node itself, or it ends
 * because the kernel has no route for it.
 */
export function through(
  inInterface: string,
  { device, local, doubt }: ChosenWay,
  entryDoubt: string | null = null,
): WalkedWay {
  const known = { doubt, entryDoubt };
  if (local) return { stages: delivered(inInterface), ...known };
  if (device === null) return { stages: forwarded(inInterface, inInterface).slice(0, 1), ...known };
  return { stages: forwarded(inInterface, device), ...known };
}

/** The asked packet on the source's node. */
export function egressWay({ destination: to }: Flow, source: WalkedNode): ChosenWay {
  return chosenWay(source, { of: 'source-egress', destination: to.address });
}

/** Does the kernel of the source's node send the packet on? @param egress null: that node was not read */
export function leadsOn(egress: ChosenWay | null): boolean {
  return egress === null || egress.device !== null;
}

/** Does the way end at the pod's own interface, as far as that is known? */
export function leadsTo({ device }: ChosenWay, end: FlowEnd, node: WalkedNode): boolean {
  return device !== null && device === (podDevice(end, node) ?? device);
}

/** The interface by which the asked packet enters the pod's node. */
export function entryOf(
  { source: from, destination: to }: Flow,
  target: WalkedNode,
  egress: ChosenWay | null,
  card: string | null,
): Entry {
  // A packet for the node itself comes in on its network interface, never out of a tunnel.
  if (isOnNodeNetwork(to) && card) return { device: card, doubt: null };
  const tunnel = sameTunnel(egress, target);
  if (tunnel) return { device: tunnel, doubt: egress?.guess ?? null };
  const back = chosenWay(target, { of: 'reply-target-egress', destination: from.address });
  return { device: back.device ?? deviceTo(target.routes, from.address), doubt: back.guess };
}

/** The interface by which the reply enters the source's node. */
export function returnOf(
  { destination: to }: Flow,
  source: WalkedNode,
  outward: ChosenWay,
  egress: ChosenWay | null,
): Entry {
  const tunnel = sameTunnel(outward, source);
  if (tunnel) return { device: tunnel, doubt: outward.guess };
  return { device: egress?.device ?? deviceTo(source.routes, to.address), doubt: egress?.guess ?? null };
}

/** What goes into a tunnel on one node comes out of its device on the other. */
function sameTunnel(way: ChosenWay | null, { links }: WalkedNode): string | null {
  const device = way && tunnelOfDevice(way.device).device?.name;
  return device && links.some(({ name }) => name === device) ? device : null;
}

/** The one walk of a flow within a node. */
export function wayOnNode({ source: from, destination: to }: Flow, node: WalkedNode): WalkedWay {
  const fromPod = isOnNodeNetwork(from) ? null : (podDevice(from, node) ?? from.interface);
  if (isOnNodeNetwork(to))
    return { stages: fromPod ? delivered(fromPod) : [...sent('lo'), ...delivered('lo')], doubt: null };
  const way = chosenWay(node, { of: 'same-node', destination: to.address });
  const known = way.device === null && !way.local && way.doubt === null ? { ...way, device: to.interface } : way;
  if (fromPod) return through(fromPod, known);
  return { stages: known.device ? sent(known.device) : [...sent('lo'), ...delivered('lo')], doubt: known.doubt };
}

/** The reply's way within a node; null: the node talks to itself, or the packet does not get to the pod. */
export function replyOnNode({ source: from, destination: to }: Flow, node: WalkedNode): WalkedWay | null {
  const fromPod = isOnNodeNetwork(from) ? null : (podDevice(from, node) ?? from.interface);
  const back = fromPod ? chosenWay(node, { of: 'reply-same-node', destination: from.address }) : null;
  const known = back && { ...back, device: back.device ?? (back.local || back.doubt !== null ? null : fromPod) };
  if (isOnNodeNetwork(to)) return known?.device ? { stages: sent(known.device), doubt: known.doubt } : null;
  const there = chosenWay(node, { of: 'same-node', destination: to.address });
  const toPod = podDevice(to, node) ?? there.device ?? to.interface;
  if (there.local || (there.device === null && there.doubt !== null)) return null;
  if (toPod === null || (there.device !== null && there.device !== toPod)) return null;
  return known ? through(toPod, known) : { stages: delivered(toPod), doubt: null };
}

/**
 * The way of a tunnel's packet. Where Calico holds another address of the node than was asked for, the main table does.
 */
export function outerWay(node: WalkedNode, of: 'source-outer' | 'reply-target-outer', destination: string): ChosenWay {
  const chosen = chosenWay(node, { of, destination });
  return wayOf(node.ways ?? [], { of, destination }) ? chosen : { ...chosen, doubt: null };
}

/**
 * Returns the interface by which the node itself would send to the address; the reverse path check compares with it.
 * null: none; undefined: the kernel did not answer, so the check may not be blamed.
 */
export function returnDevice(
  { ways, routes }: Pick<WalkedNode, 'routes' | 'ways'>,
  address: string,
): string | null | undefined {
  if (ways === undefined) return deviceTo(routes, address);
  const about = ways.filter(({ destination }) => destination === address);
  const asked = askedDevice(about, address);
  if (asked !== undefined) return asked;
  const isOpen = about.length === 0 || about.some(({ answer }) => answer.kind === 'unavailable');
  return isOpen ? undefined : deviceTo(routes, address);
}

/** The answers of one node's kernel. */
export function waysOn({ node }: Pick<NodeRuleSets, 'node'>, ways: readonly KernelWay[]): readonly KernelWay[] {
  return ways.filter((way) => way.node === node);
}
