/** Packet filters as data: what one reader of a node printed. Plain and safe to print as JSON. */
import type { Match } from './matches.ts';
import type { Backend, Family, Hook, PlacedRule } from './places.ts';
import type { PacketSet } from './sets.ts';

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
  /** Where the rule stands; absent where there is none. */
  readonly at?: PlacedRule;
  /** Of a way that the walk follows: what it takes the rule to do. */
  readonly taken?: 'match' | 'miss';
  /** A whole part of the packet filter that no walk reads: a packet may end there unseen. */
  readonly unwalked?: true;
  /** The datastore's policies can say what the packet filter does not. */
  readonly askDatastore?: true;
}

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

/**
 * What a rule does when all its matches hold. Only the kinds of `VerdictAction`, `queue` and `unknown` can end a chain.
 */
export type Action =
  | VerdictAction
  /** new mark = (mark & ~mask) ^ value, as iptables' set-xmark. */
  | { readonly kind: 'set-mark' | 'set-connmark'; readonly value: number; readonly mask: number }
  /** `--restore-mark` (connection to packet) and `--save-mark`, only the bits of the mask. */
  | { readonly kind: 'restore-mark' | 'save-mark'; readonly mask: number; readonly connmarkMask: number }
  | { readonly kind: 'dnat' | 'snat' | 'redirect' | 'masquerade' | 'netmap'; readonly to: string | null }
  /** Changes the packet's time to live: to the value, or by it. */
  | { readonly kind: 'set-ttl'; readonly how: 'set' | 'more' | 'less'; readonly value: number }
  | { readonly kind: 'notrack' }
  | { readonly kind: 'log'; readonly text: string }
  | {
      readonly kind: 'verdict-map';
      /** null: the map is named and its entries are not in the save. */
      readonly entries: readonly VerdictMapEntry[] | null;
      readonly text: string;
    }
  /** Hands the packet to the program that listens at one of these queues; null: which ones is not known. */
  | {
      readonly kind: 'queue';
      readonly numbers: readonly [first: number, last: number] | null;
      /** The rule accepts the packet where no program listens. */
      readonly bypass: boolean;
      readonly text: string;
    }
  /** Known to let the packet go on unchanged in everything a walk looks at. */
  | { readonly kind: 'harmless'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string; readonly why: string };

export interface FilterRule {
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

/** Its rules may be parsed when they are first asked for: a chain is passed on, never spread into another object. */
export interface Chain {
  readonly name: string;
  /** null: a chain reached by jumps only. */
  readonly base: BaseChain | null;
  /** The policy's counters of an iptables base chain. */
  readonly counters: Counters | null;
  readonly rules: readonly FilterRule[];
}

export interface Table {
  readonly family: Family;
  readonly name: string;
  readonly chains: readonly Chain[];
}

/** All that one reader printed. A node has up to three of them, and one list of sets. */
export interface RuleSet {
  readonly backend: Backend;
  readonly tables: readonly Table[];
  readonly sets: readonly PacketSet[];
  /** The text ends before the rules do: nothing that a walk finds in it is certain. */
  readonly cutOff?: boolean;
  /** The queues (NFQUEUE) at which a program of the node listens. Absent: not read, or no rule asks for one. */
  readonly listenedQueues?: readonly number[];
  /** What the text holds and this model cannot: warnings, incompatible tables, statements without a meaning here. */
  readonly uncertainties: readonly Uncertainty[];
}
