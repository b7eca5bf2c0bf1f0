import type { AddressFamily } from './addresses.ts';
import type { ChainAuthenticity } from './ruleset/authenticity.ts';
import type { UnavailableCode } from './evidence.ts';
import type { LeftOver } from './left-over-rules.ts';
import type { Packet } from './ruleset/packet.ts';
import type { RuleSet } from './ruleset/rules.ts';
import type { WalkDecision, PathStep, RuleRef, WalkResult } from './ruleset/walk.ts';

/** A part of a node's packet filters that was not read, by its name for people, and why. */
export interface UnreadPart {
  readonly part: string;
  readonly why: string;
  /** Where it is a blind spot of its own; not given: it is told beside the verdict. */
  readonly code?: UnavailableCode;
}

/** The name of the ipsets as a part that was not read. */
export const ipsets = 'the sets of ipset';

/** All the packet filters of one node, read at one moment: each backend that is in use, sets included. */
export interface NodeRuleSets {
  readonly node: string;
  readonly ruleSets: readonly RuleSet[];
  /** The family whose packets meet them. Absent: IPv4. */
  readonly family?: AddressFamily;
  /** ISO 8601. */
  readonly at: string;
  /** Parts that nobody could read. Absent: all was read. */
  readonly unread?: readonly UnreadPart[];
}

/** Every leg, in the order in which a flow between two nodes walks them; then those of a flow within one node. */
export const allLegs = [
  'source-egress',
  'source-outer',
  'target-outer',
  'target-ingress',
  'reply-target-egress',
  'reply-target-outer',
  'reply-source-outer',
  'reply-source-ingress',
  'same-node',
  'reply-same-node',
] as const;

/**
 * Which part of the way a walk covers. `outer`: the encapsulated packet, `inner`: the asked one, `reply`: its answer.
 */
export type Leg = (typeof allLegs)[number];

/** Another source address than the asked one, given to the packet before it left the source's node. */
export interface RewrittenSource {
  readonly asked: string;
  readonly now: string;
  /** What gave it, as `table chain: text`; null where it cannot be told. */
  readonly by: string | null;
  /** What the node would do with the packet if it had kept its source. */
  readonly decisionAsAsked: WalkDecision;
}

/** Where a rule of the node sends the packet instead. */
export interface Redirected {
  readonly address: string;
  readonly port: number | null;
  /** The rule, as `table chain: text`; null where it cannot be told. */
  readonly by: string | null;
  /** The same rule; null where it cannot be told. */
  readonly rule: RuleRef | null;
}

/** A rule that took the packet, or the one that it answers, out of connection tracking. */
interface NotTracked {
  readonly rule: RuleRef;
  /** What the node would do with the packet if it were tracked. */
  readonly decisionIfTracked: WalkDecision;
}

/** One leg of the asked packet, walked through every rule set of the node at each hook it meets. */
export interface PacketWalk {
  readonly leg: Leg;
  readonly node: string;
  readonly packet: Packet;
  /** The hook at which it ended, or the last one. */
  readonly hook: string;
  readonly result: WalkResult;
  /** The ending rule's chain (or, for an accept by mark, the marking rule's), authenticated. */
  readonly authenticity: ChainAuthenticity | null;
  /** The ending chain is Felix's stand-in for a profile that does not exist or is invalid. */
  readonly standInForProfile: string | null;
  /** `target-ingress` alone: the packet comes with another source address; null: with the asked one. */
  readonly rewritten: RewrittenSource | null;
  /** It goes to another address or port than it was sent to. Absent: it does not. */
  readonly redirected?: Redirected;
  /**
   * Why this is not, or may not be, the real packet's way on the node: the kernel refuses it, or was not asked; null:
   * it is.
   */
  readonly wayDoubt: string | null;
  /** Why it may enter the node by another interface. Absent: it does not. */
  readonly entryDoubt?: string;
  /** Absent: connection tracking knows the packet, or it is let through without. */
  readonly notTracked?: NotTracked;
  /** An answer alone: the rule that takes it out of connection tracking, while it is let through. Absent: none. */
  readonly untrackedBy?: RuleRef;
  /**
   * An answer alone: the rule by which it is looked for in another zone of connection tracking than what it answers.
   * Absent: none.
   */
  readonly zonedBy?: RuleRef;
  /** The rule that gives the packet another source address. Absent: it keeps its own. */
  readonly sourceBy?: RuleRef;
  /**
   * The node or router behind, which does not forward it for the time to live that a rule of this node left. Absent:
   * none.
   */
  readonly expiresOn?: string;
  /** It was walked on its right way, where a kernel or a rule leads it astray. */
  readonly onRightWay?: true;
  /** A rule that an earlier Felix left ends it, and without such rules the node lets it through. Absent: none does. */
  readonly leftOver?: LeftOver;
  /** Up to 12 rules of the way, as `table chain index: text`, for people. */
  readonly shown: readonly string[];
  /** The branch into the ending rule, to compare two walks. */
  readonly branch: readonly PathStep[];
  /** Felix's eBPF programs decide it: no packet filter of the node sees the packet. */
  readonly byPrograms?: true;
}

/** Walks within the network namespaces of the flow's pods. */
export interface PodWalks {
  readonly walks: readonly PodWalk[];
  /** Those of what follows a handshake of TCP that a rule ends, where it lets the handshake pass. Absent: none. */
  readonly later?: readonly PodWalk[];
  /** Pods whose own filters were not read, and why. */
  readonly unread: readonly { readonly end: 'source' | 'destination'; readonly why: string }[];
}
export interface PodWalk {
  /** Whose namespace. */
  readonly end: 'source' | 'destination';
  readonly packet: 'request' | 'answer';
  /** As the pod sends or gets it. */
  readonly asked: Packet;
  readonly result: WalkResult;
}
