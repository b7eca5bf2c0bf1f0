/** The numbers behind "this rule dropped the probes". Plain and safe to print as JSON. */
import type { Counters } from './rules.ts';
import type { RuleRef } from './walk.ts';

/** The numbers and conditions behind "this rule dropped the probes". */
export interface CounterProof {
  readonly proof: 'counter' | 'inferred';
  readonly rule: RuleRef | null;
  readonly sent: { readonly packets: number; readonly length: number };
  /** Rise in the idle window and while the probes were sent; null where it has no counter. */
  readonly idle: Counters | null;
  readonly rise: Counters | null;
  /** Rise of the rule at which the walk ends; null where it has no counter, or changed in between. */
  readonly walked: Counters | null;
  /** The counters just before the probes were sent, and after; null where it has none. */
  readonly readings: { readonly before: Counters; readonly after: Counters } | null;
  /** Each condition that does not hold, in words; empty for a proof. */
  readonly failed: readonly { readonly condition: string; readonly reason: string }[];
}
