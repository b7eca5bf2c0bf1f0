import type { Match, PortRange, Side } from '../../model/ruleset/matches.ts';
import type { NodeKnowledge, Packet } from '../../model/ruleset/packet.ts';
import type { Hook } from '../../model/ruleset/places.ts';
import type { PacketSet } from '../../model/ruleset/sets.ts';
import { addressTypeIs } from './address-type.ts';
import { addressValue, rangeHolds } from '../../model/addresses.ts';
import { conntrackPriority } from './hooks.ts';
import { hasPorts, isIcmp, protocols } from '../../model/protocols.ts';
import { inSet, type Ternary } from '../sets/membership.ts';

/** The packet, and the place at which it is matched. */
export interface MatchContext {
  readonly packet: Packet;
  readonly hook: Hook;
  /** Of the base chain. Before conntrack's own priority a packet has no state yet. */
  readonly priority: number;
  readonly untracked: boolean;
  /** Address rewriting that this walk has met. */
  readonly rewritten: { readonly source: boolean; readonly destination: boolean };
  readonly node: NodeKnowledge;
  readonly findSet: (name: string) => PacketSet | undefined;
}

/** Matches all conditions of a rule. One that fails decides, whatever is unknown about the others. */
export function matchAll(
  matches: readonly Match[],
  context: MatchContext,
): { readonly result: boolean } | { readonly undecided: readonly string[] } {
  let undecided: string[] | null = null;
  for (const match of matches) {
    const answer = matchPacket(match, context);
    if (answer === false) return missed;
    if (answer !== true) (undecided ??= []).push(answer);
  }
  return undecided ? { undecided } : held;
}

const held = { result: true } as const;
const missed = { result: false } as const;

/** @returns whether the packet meets the condition, or why that cannot be told */
export function matchPacket(match: Match, context: MatchContext): Ternary {
  if (lacksConnection(match, context)) return false;
  const holds = positive(match, context);
  return typeof holds === 'string' || !match.negated ? holds : !holds;
}

function positive(match: Match, context: MatchContext): Ternary {
  const { packet } = context;
  switch (match.kind) {
    case 'constant':
      return match.value;
    case 'unknown':
      return match.why;
    case 'protocol':
      return match.protocols.includes(packet.protocol);
    case 'address':
      return match.ranges.some((range) => rangeHolds(range, addressOf(packet, match.side)));
    case 'masked-address':
      return masked(addressOf(packet, match.side), match.mask) === masked(match.address, match.mask);
    case 'interface':
      return interfaceIs(match.side, match.names, context);
    case 'port':
      return portIs(match.side, match.ranges, packet);
    case 'icmp':
      return icmpIs(match, packet);
    case 'tcp-flags':
      return tcpFlagsAre(match.mask, match.set, packet);
    case 'ct-state':
    case 'ct-status':
      return stateIs(match.states, context);
    case 'mark':
      return (packet.mark & match.mask) >>> 0 === match.value;
    case 'connmark':
      return packet.connmark === null
        ? "the connection's mark is not known"
        : (packet.connmark & match.mask) >>> 0 === match.value;
    case 'set': {
      const set = context.findSet(match.set);
      return set
        ? inSet(
            set,
            { ...packet, inInterface: interfaceName('in', context), outInterface: interfaceName('out', context) },
            match.directions,
            context.findSet,
          )
        : `the set ${match.set} is not in the save`;
    }
    case 'address-type':
      return addressTypeIs(match, addressOf(packet, match.side), context);
    case 'reverse-path':
      return context.node.reversePath === null
        ? 'whether the way back leads to this interface was not looked up'
        : context.node.reversePath === 'valid';
    case 'length':
      return inRanges(match.ranges, packet.length, "the packet's length is not known");
    case 'ttl':
      return inRanges(match.ranges, packet.ttl, "the packet's TTL is not known");
    default:
      // Fragments: the packets that are asked about are whole.
      return false;
  }
}

/** A connection's mark, and nft's `ct status`, never match a packet without one, negated or not. */
function lacksConnection(match: Match, context: MatchContext): boolean {
  return (match.kind === 'ct-status' || match.kind === 'connmark') && !hasConnection(context);
}

/**
 * Does conntrack hold a connection for the packet at this place? It does not before it saw the packet, nor for a packet
 * that it refuses.
 */
export function hasConnection(context: Pick<MatchContext, 'packet' | 'hook' | 'priority' | 'untracked'>): boolean {
  return !['INVALID', 'UNTRACKED'].includes(connectionState(context));
}

function addressOf(packet: Packet, side: Side): string {
  return side === 'source' ? packet.source : packet.destination;
}

function masked(address: string, mask: string): bigint | null {
  const value = addressValue(address);
  const bits = addressValue(mask);
  return value && bits && value.width === bits.width ? value.value & bits.value : null;
}

/** The interface as the hook sees it: '' where there is none yet or no more, null where it is not known. */
function interfaceName(side: 'in' | 'out', { packet, hook }: MatchContext): string | null {
  const none = side === 'in' ? hook === 'OUTPUT' : hook === 'PREROUTING' || hook === 'INPUT';
  // Kernels differ in whether a leaving packet still knows where it came in.
  if (side === 'in' && hook === 'POSTROUTING') return null;
  return none ? '' : side === 'in' ? packet.inInterface : packet.outInterface;
}

function interfaceIs(side: 'in' | 'out', names: readonly string[], context: MatchContext): Ternary {
  if (names.includes('*')) return true;
  const name = interfaceName(side, context);
  if (name === null) return `the interface by which the packet ${side === 'in' ? 'comes in' : 'goes out'} is not known`;
  return names.some((wanted) => (wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted));
}

function inRanges(ranges: readonly { from: number; to: number }[], value: number | null, why: string): Ternary {
  return value === null ? why : ranges.some(({ from, to }) => from <= value && value <= to);
}

function portIs(side: Side | 'either', ranges: readonly { from: number; to: number }[], packet: Packet): Ternary {
  // Only nft's `th` asks this without naming a protocol; it then compares whatever bytes stand there.
  if (!hasPorts(packet.protocol)) return 'the packet has no ports, and its bytes at their place are not known';
  const source = portIn(ranges, packet.sourcePort, packet, 'source');
  const destination = portIn(ranges, packet.destinationPort, packet, 'destination');
  if (side === 'source') return source;
  if (side === 'destination') return destination;
  if (source === true || destination === true) return true;
  return source === false ? destination : source;
}

/** From where Linux takes the port of a connection unless it is told otherwise (net.ipv4.ip_local_port_range). */
const clientPorts = { from: 32768, to: 60999 };

function portIn(ranges: readonly PortRange[], port: number | null, { clientSide }: Packet, side: Side): Ternary {
  if (port === null && clientSide === side) {
    if (ranges.some(({ from, to }) => from <= clientPorts.from && clientPorts.to <= to)) return true;
    if (ranges.every(({ from, to }) => to < clientPorts.from || clientPorts.to < from)) return false;
  }
  return inRanges(ranges, port, `the packet's ${side} port is not known`);
}

function icmpIs({ types, codes }: Match & { kind: 'icmp' }, packet: Packet): Ternary {
  if (!isIcmp(packet.protocol)) return false;
  const type = inRanges([types], packet.icmpType, "the packet's ICMP type is not known");
  if (type !== true || (codes.from === 0 && codes.to === 255)) return type;
  return inRanges([codes], packet.icmpCode, "the packet's ICMP code is not known");
}

function tcpFlagsAre(mask: readonly string[], set: readonly string[], packet: Packet): Ternary {
  if (packet.protocol !== protocols.tcp) return false;
  if (packet.tcpFlags === null) return "the packet's TCP flags are not known";
  return mask.every((flag) => packet.tcpFlags?.includes(flag) === set.includes(flag));
}

/**
 * Returns the packet's state at this place. Before conntrack saw the packet it has none, which iptables and nft call
 * INVALID.
 */
function connectionState({
  packet,
  hook,
  priority,
  untracked,
}: Pick<MatchContext, 'packet' | 'hook' | 'priority' | 'untracked'>): string {
  if (untracked) return 'UNTRACKED';
  return (hook === 'PREROUTING' || hook === 'OUTPUT') && priority < conntrackPriority ? 'INVALID' : packet.ctState;
}

function stateIs(states: readonly string[], context: MatchContext): Ternary {
  const state = connectionState(context);
  if (states.includes(state)) return true;
  if (state === 'INVALID' || state === 'UNTRACKED') return false;
  const { source, destination } = context.rewritten;
  if ((states.includes('DNAT') && destination) || (states.includes('SNAT') && source)) return true;
  const rewriting = states.includes('DNAT') || states.includes('SNAT');
  return rewriting && state !== 'NEW' ? 'whether the addresses of this connection are rewritten is not known' : false;
}
