import type { Match } from '../../model/ruleset/matches.ts';
import type { NodeKnowledge, Packet } from '../../model/ruleset/packet.ts';
import type { Hook } from '../../model/ruleset/places.ts';
import { rangeHolds } from '../../model/addresses.ts';
import type { Ternary } from '../sets/membership.ts';

interface AddressContext {
  readonly packet: Packet;
  readonly hook: Hook;
  readonly node: NodeKnowledge;
}

type AddressTypeMatch = Match & { readonly kind: 'address-type' };

const multicast = [
  { from: '224.0.0.0', to: '239.255.255.255' },
  { from: 'ff00::', to: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
];
const loopback = [
  { from: '127.0.0.0', to: '127.255.255.255' },
  { from: '::1', to: '::1' },
];

/**
 * Is the address of one of these types, as the node's routing tables see it? The node's own addresses decide LOCAL. If
 * they are not known, the hook does: the kernel routed a packet at INPUT to the node, one at FORWARD not, and one at
 * OUTPUT comes from it.
 */
export function addressTypeIs(match: AddressTypeMatch, address: string, context: AddressContext): Ternary {
  const answers = match.types.map((type) => typeIs(type, match, address, context));
  if (answers.includes(true)) return true;
  return answers.find((answer) => typeof answer === 'string') ?? false;
}

function typeIs(type: string, match: AddressTypeMatch, address: string, context: AddressContext): Ternary {
  const isMulticast = multicast.some((range) => rangeHolds(range, address));
  switch (type) {
    case 'LOCAL':
      return isMulticast || address === '255.255.255.255' ? false : isLocal(match, address, context);
    case 'MULTICAST':
      return isMulticast;
    case 'BROADCAST':
      if (address === '255.255.255.255') return true;
      return isMulticast || isLocal(match, address, context) === true
        ? false
        : 'the broadcast addresses of the node are not known';
    case 'UNICAST':
      if (isMulticast || address === '255.255.255.255' || isLocal(match, address, context) === true) return false;
      return "the node's routes are not in a save";
    case 'UNSPEC':
      return address === '0.0.0.0' || address === '::';
    default:
      return isMulticast || isLocal(match, address, context) === true ? false : "the node's routes are not in a save";
  }
}

function isLocal(
  { side, limitInterface }: AddressTypeMatch,
  address: string,
  { node, packet, hook }: AddressContext,
): Ternary {
  const limit = limitInterface === null ? null : limitInterface === 'in' ? packet.inInterface : packet.outInterface;
  if (loopback.some((range) => rangeHolds(range, address)))
    return limitInterface === null ? true : limit === null ? interfaceUnknown : limit === 'lo';
  if (node.localAddresses) {
    const carriers = node.localAddresses.filter((local) => local.address === address);
    if (carriers.length === 0) return false;
    if (limitInterface === null || carriers.some((local) => local.interface !== null && local.interface === limit))
      return true;
    return limit === null || carriers.some((local) => local.interface === null) ? interfaceUnknown : false;
  }
  const told = toldByHook(side, hook);
  return told === null || (told && limitInterface !== null) ? "the node's own addresses are not known" : told;
}

function toldByHook(side: 'source' | 'destination', hook: Hook): boolean | null {
  if (hook === 'FORWARD') return false;
  if (hook === 'INPUT' && side === 'destination') return true;
  return hook === 'OUTPUT' && side === 'source' ? true : null;
}

const interfaceUnknown = 'which interface carries the address is not known';
