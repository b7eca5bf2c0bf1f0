/**
 * Packet filters as data: what a save of a node's rules says, and what a walk of one packet through it finds.
 * Everything here is plain and JSON-safe. `src/ruleset` makes and reads these shapes.
 */

export type Backend = 'iptables-legacy' | 'iptables-nft' | 'nftables';
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

/** Packets and bytes since the rule or chain was made or last rewritten. */
export interface Counters {
  readonly packets: number;
  readonly bytes: number;
}

/** Something the walk could not know, and the rule in which it met it. */
export interface Uncertainty {
  /** The rule's text, or the place ("table ip foo") where there is no rule. */
  readonly rule: string;
  readonly why: string;
  /** A whole part of the packet filter that no walk reads: a packet may end there unseen. */
  readonly unwalked?: true;
}

// ---- Rules ----------------------------------------------------------------------------------------------------

export type Side = 'source' | 'destination';

interface MatchCommon {
  /** The option as it was written. */
  readonly text: string;
  readonly negated: boolean;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** A range of addresses, both ends included; a network is a range. */
export interface AddressRange {
  readonly from: string;
  readonly to: string;
}

export type SetDirection = 'src' | 'dst';

/** One condition of a rule. `unknown` is a condition that a save cannot decide, or that is not understood. */
export type Match =
  | (MatchCommon & { readonly kind: 'protocol'; readonly protocols: readonly number[] })
  | (MatchCommon & { readonly kind: 'address'; readonly side: Side; readonly ranges: readonly AddressRange[] })
  | (MatchCommon & { readonly kind: 'masked-address'; readonly side: Side; readonly address: string; readonly mask: string })
  | (MatchCommon & { readonly kind: 'interface'; readonly side: 'in' | 'out'; readonly names: readonly string[] })
  | (MatchCommon & { readonly kind: 'port'; readonly side: Side | 'either'; readonly ranges: readonly PortRange[] })
  | (MatchCommon & { readonly kind: 'icmp'; readonly types: PortRange; readonly codes: PortRange })
  | (MatchCommon & { readonly kind: 'tcp-flags'; readonly mask: readonly string[]; readonly set: readonly string[] })
  | (MatchCommon & { readonly kind: 'ct-state' | 'ct-status'; readonly states: readonly string[] })
  | (MatchCommon & { readonly kind: 'mark' | 'connmark'; readonly value: number; readonly mask: number })
  | (MatchCommon & { readonly kind: 'set'; readonly set: string; readonly directions: readonly SetDirection[] })
  | (MatchCommon & {
      readonly kind: 'address-type';
      readonly side: Side;
      readonly types: readonly string[];
      readonly limitInterface: 'in' | 'out' | null;
    })
  | (MatchCommon & { readonly kind: 'reverse-path' })
  | (MatchCommon & { readonly kind: 'length' | 'ttl'; readonly ranges: readonly PortRange[] })
  | (MatchCommon & { readonly kind: 'fragment' })
  | (MatchCommon & { readonly kind: 'constant'; readonly value: boolean })
  | (MatchCommon & { readonly kind: 'unknown'; readonly why: string });

/** What a value of a verdict map or a rule's end does. */
export type VerdictAction =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly kind: 'reject'; readonly with: string | null }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export interface VerdictMapEntry {
  /** What the packet must be for this entry: all of them. */
  readonly matches: readonly Match[];
  readonly verdict: VerdictAction;
}

/** What a rule does when all its matches hold. Only the kinds of `VerdictAction`, `queue` and `unknown` can end a chain. */
export type Action =
  | VerdictAction
  /** new mark = (mark & ~mask) ^ value, as iptables' set-xmark. */
  | { readonly kind: 'set-mark' | 'set-connmark'; readonly value: number; readonly mask: number }
  /** `--restore-mark` (connection to packet) and `--save-mark`, only the bits of the mask. */
  | { readonly kind: 'restore-mark' | 'save-mark'; readonly mask: number; readonly connmarkMask: number }
  | { readonly kind: 'dnat' | 'snat' | 'redirect' | 'masquerade' | 'netmap'; readonly to: string | null }
  | { readonly kind: 'notrack' }
  | { readonly kind: 'log'; readonly text: string }
  | {
      readonly kind: 'verdict-map';
      /** null: the map is named and its entries are not in the save. */
      readonly entries: readonly VerdictMapEntry[] | null;
      readonly text: string;
    }
  | { readonly kind: 'queue'; readonly text: string }
  /** Known to let the packet go on unchanged in everything a walk looks at. */
  | { readonly kind: 'harmless'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string; readonly why: string };

export interface Rule {
  /** The rule as saved, from `-A`, without its counters (nftables: an own rendering of its expressions). */
  readonly text: string;
  /** 1-based place in its chain. */
  readonly index: number;
  readonly counters: Counters | null;
  /** Every comment in order, the Calico tag's among them. */
  readonly comments: readonly string[];
  /** Calico's rule tag: 16 characters, without `cali:`. */
  readonly tag: string | null;
  readonly matches: readonly Match[];
  /** In order; an iptables rule has at most one. */
  readonly actions: readonly Action[];
  /** nftables only. */
  readonly handle: number | null;
}

export interface BaseChain {
  readonly hook: Hook;
  readonly priority: number;
  readonly type: 'filter' | 'nat' | 'route';
  readonly policy: 'accept' | 'drop';
  /** Interfaces whose packets alone it sees, as they come in (PREROUTING) or leave (POSTROUTING); absent: all. */
  readonly devices?: readonly string[];
}

export interface Chain {
  readonly name: string;
  /** null: a chain reached by jumps only. */
  readonly base: BaseChain | null;
  /** The policy's counters of an iptables base chain. */
  readonly counters: Counters | null;
  readonly rules: readonly Rule[];
}

export interface Table {
  readonly family: Family;
  readonly name: string;
  readonly chains: readonly Chain[];
}

// ---- Sets -----------------------------------------------------------------------------------------------------

/** One part of a set's element. */
export type SetPart =
  | { readonly kind: 'net'; readonly from: string; readonly to: string; readonly prefix: number | null }
  | { readonly kind: 'port'; readonly protocol: number | null; readonly from: number; readonly to: number }
  | { readonly kind: 'interface'; readonly name: string }
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number }
  | { readonly kind: 'set'; readonly name: string }
  | { readonly kind: 'other'; readonly text: string };

export interface SetElement {
  readonly parts: readonly SetPart[];
  /** hash:net and its kin: a match of this element means "not a member". */
  readonly exception: boolean;
}

export interface PacketSet {
  readonly name: string;
  /** `hash:ip,port` and so on; nftables: its type, `ipv4_addr . inet_service`. */
  readonly type: string;
  readonly family: 'ip' | 'ip6' | null;
  /** null for an ipset; the owning table for a native nftables set. */
  readonly table: { readonly family: Family; readonly name: string } | null;
  /** null: only the set's head was read (`ipset list -t`). */
  readonly elements: readonly SetElement[] | null;
  readonly size: number | null;
  /** Answers of `ipset test`, for sets too large to read. */
  readonly tested: readonly { readonly element: string; readonly member: boolean }[];
}

/** All that one reader printed. A node has up to three of them, and one list of sets. */
export interface RuleSet {
  readonly backend: Backend;
  readonly tables: readonly Table[];
  readonly sets: readonly PacketSet[];
  /** The text ends before the rules do: nothing that a walk finds in it is certain. */
  readonly cutOff?: boolean;
  /** What the text holds and this model cannot: warnings, incompatible tables, statements without a meaning here. */
  readonly uncertainties: readonly Uncertainty[];
}

// ---- Packets --------------------------------------------------------------------------------------------------

export type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** null means: not known. Matches on it are then undecided. */
export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly tcpFlags: readonly string[] | null;
  readonly inInterface: string | null;
  readonly outInterface: string | null;
  readonly ctState: CtState;
  readonly mark: number;
  readonly connmark: number | null;
  /** IP length in bytes. */
  readonly length: number | null;
  readonly ttl: number | null;
}

/** What a save cannot say and the caller may know of the node. */
export interface NodeKnowledge {
  /** The node's own addresses, each with the interface that carries it (null: any). null: not read. */
  readonly localAddresses: readonly { readonly address: string; readonly interface: string | null }[] | null;
  /** Would the reverse path check let this packet in? null: not looked. */
  readonly reversePath: 'valid' | 'invalid' | null;
}

// ---- Walk -----------------------------------------------------------------------------------------------------

/** One rule in its place; index 0 is the policy of a base chain. */
export interface RuleRef {
  readonly backend: Backend;
  readonly family: Family;
  readonly table: string;
  readonly chain: string;
  readonly index: number;
  readonly text: string;
  readonly comments: readonly string[];
  readonly tag: string | null;
}

export interface PathStep {
  readonly hook: Hook;
  readonly backend: Backend;
  readonly family: Family;
  readonly table: string;
  readonly chain: string;
  readonly index: number;
}

export type Decision = 'accept' | 'drop' | 'reject' | 'unknown';

/** One possible end of the walk. There are several when something undecided lay on the way. */
export interface WalkEnd {
  readonly decision: 'accept' | 'drop' | 'reject' | 'unknown';
  readonly rule: RuleRef | null;
  /** For an accept by mark: the rule that set the mark which the ending rule matched. */
  readonly markedBy: RuleRef | null;
  /** The branch: jumps and gotos that lead to the ending rule, outermost first. */
  readonly path: readonly PathStep[];
  /** The branch to `markedBy`, with that rule as its last step. */
  readonly markPath: readonly PathStep[];
  /** Every rule that matched, in the order it was met, with all its hooks and tables. */
  readonly trail: readonly PathStep[];
  /** The packet as it leaves: mark, addresses and ports may be rewritten. */
  readonly packet: Packet;
  /** What was assumed of undecided matches to get to this end. */
  readonly assumed: readonly Uncertainty[];
  /** Address rewriting and other things worth telling. */
  readonly notes: readonly string[];
}

export interface WalkResult extends WalkEnd {
  readonly decision: Decision;
  readonly owner: Owner | null;
  /** Every undecided thing met on any way. Empty: the walk is certain. */
  readonly uncertainties: readonly Uncertainty[];
  /** One entry a distinct end. One entry alone: every way ends the same. */
  readonly ends: readonly WalkEnd[];
}

// ---- Owners ---------------------------------------------------------------------------------------------------

export type OwnerKind =
  | 'profile'
  | 'policy'
  | 'policy-group'
  | 'tier-default'
  | 'endpoint'
  | 'dispatch'
  | 'host-endpoint'
  | 'calico-static'
  | 'foreign';

/** A policy as Calico's comments and names tell it. */
export interface PolicyName {
  /** Kind of the object where the comment says it; null before v3.32. */
  readonly kind: string | null;
  readonly name: string;
  readonly namespace: string | null;
  readonly tier: string | null;
}

export interface Owner {
  readonly kind: OwnerKind;
  /** The object's own metadata.name; the interface of an endpoint; else the chain. */
  readonly name: string;
  readonly namespace: string | null;
  readonly tier: string | null;
  readonly direction: 'ingress' | 'egress' | null;
  /** tier-default and policy-group: the policies that select the endpoint there. */
  readonly policies: readonly PolicyName[];
  /** How the name was found. `chain`: only the (perhaps hashed) chain name is known. */
  readonly by: 'name' | 'comment' | 'known-name' | 'chain';
}

/** Names known from the datastore, to resolve hashed chain names. */
export interface KnownNames {
  readonly profiles: readonly string[];
  readonly policies: readonly PolicyName[];
}

// ---- Tags -----------------------------------------------------------------------------------------------------

/** `unverified`: an edit earlier in the chain makes it impossible to say. */
export type TagState = 'genuine' | 'edited' | 'foreign' | 'unverified';

export interface ChainAuthenticity {
  readonly table: string;
  readonly chain: string;
  readonly state: 'genuine' | 'edited' | 'foreign' | 'unverified';
  /** One a rule, in order. */
  readonly rules: readonly TagState[];
  readonly why: string | null;
}

// ---- Counters -------------------------------------------------------------------------------------------------

/** The numbers and conditions behind "this rule dropped the probes". */
export interface CounterProof {
  readonly proof: 'counter' | 'inferred';
  readonly rule: RuleRef | null;
  readonly sent: { readonly packets: number; readonly length: number };
  /** Rise in the idle window and while the probes were sent; null where it has no counter. */
  readonly idle: Counters | null;
  readonly rise: Counters | null;
  /** Each condition that does not hold, in words; empty for a proof. */
  readonly failed: readonly { readonly condition: string; readonly reason: string }[];
}
