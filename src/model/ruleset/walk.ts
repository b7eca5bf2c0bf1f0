/** What a walk of one packet through a node's rule sets finds. Plain and safe to print as JSON. */
import type { Owner } from './owner.ts';
import type { Packet } from './packet.ts';
import type { Backend, Family, Hook, PlacedRule } from './places.ts';
import type { Uncertainty } from './rules.ts';

/** A rule in its place, with what it says of itself. */
export interface RuleRef extends PlacedRule {
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

export type WalkDecision = 'accept' | 'drop' | 'reject' | 'unknown';

/** The packet goes no further. */
export function isRefused(decision: WalkDecision): boolean {
  return decision === 'drop' || decision === 'reject';
}

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
  /** A NOTRACK rule on the way took it out of connection tracking. */
  readonly untracked?: true;
  /** The last rule that changed its time to live, and the branch to it. Absent: none did. */
  readonly ttlSetBy?: { readonly rule: RuleRef; readonly path: readonly PathStep[] };
  /** Its time to live ends before the node, or the one behind it, forwards it; `rule` set it. */
  readonly expired?: true;
  /** `rule` hands it to a queue at which no program listens, and so drops it. */
  readonly unheard?: true;
  /** The packet as it leaves: mark, addresses and ports may be rewritten. */
  readonly packet: Packet;
  /** Whose the chain of the rule that drops it is. Given where the ways end differently. */
  readonly owner?: Owner | null;
  /** What was assumed of undecided matches to get to this end. */
  readonly assumed: readonly Uncertainty[];
  /** Address rewriting and other things worth telling. */
  readonly notes: readonly string[];
}

export interface WalkResult extends WalkEnd {
  readonly decision: WalkDecision;
  readonly owner: Owner | null;
  /** Every undecided thing met on any way. Empty: the walk is certain. */
  readonly uncertainties: readonly Uncertainty[];
  /** One entry a distinct end. One entry alone: every way ends the same. */
  readonly ends: readonly WalkEnd[];
}
