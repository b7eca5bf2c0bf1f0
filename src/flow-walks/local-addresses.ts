import type { Link } from '../model/network.ts';
import type { NodeKnowledge } from '../model/ruleset/packet.ts';

/** The node's own addresses with their interfaces, as a walk wants them. */
export function localAddresses(links: readonly Link[]): NonNullable<NodeKnowledge['localAddresses']> {
  return links.flatMap((link) => link.addresses.map(({ address }) => ({ address, interface: link.name })));
}
