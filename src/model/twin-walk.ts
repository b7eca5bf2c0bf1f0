import type { Leg, PacketWalk } from './flow-walk.ts';
import type { RuleRef } from './ruleset/walk.ts';

/**
 * The asked packet, walked to a twin (or from one, where it sends): another pod of the same node, to which the node
 * lets the packet through. What differs between the two is what ends the asked one.
 */
export interface TwinWalk {
  /** `namespace/name` of the twin. */
  readonly pod: string;
  /** The twin's interface on the node. */
  readonly interface: string;
  readonly leg: Leg;
  readonly node: string;
  /** What ends the packet of the pod itself. */
  readonly ending: RuleRef;
  /** The node's chains for the twin do not lead to what ends the pod's packet: the policy, or any of the tier. */
  readonly isUnselected: boolean;
  readonly walk: PacketWalk;
}
