import { addressRange, rangeHolds } from '../model/addresses.ts';
import type { FlowEnd } from '../model/flow.ts';
import type { Link } from '../model/network.ts';

type Node = Pick<FlowEnd, 'nodeAddress'>;

/**
 * Returns whether the subnet of a node's own address holds the address of the other, as CrossSubnet asks: networks of
 * the node's other interfaces do not count.
 * @param links of the first node
 * @returns null: the subnet, or an address, is not known
 */
export function shareSubnet(links: readonly Link[], from: Node, to: Node): boolean | null {
  if (to.nodeAddress === null) return null;
  const own = links.flatMap(({ addresses }) => addresses).find(({ address }) => address === from.nodeAddress);
  const subnet = own ? addressRange(`${own.address}/${own.prefixLength}`) : null;
  return subnet && rangeHolds(subnet, to.nodeAddress);
}
