import type { Leg } from './flow-walk.ts';
import type { CounterProof } from './ruleset/counter-proof.ts';

/** What N fresh flows did to the counters, on each node of their way. */
export interface DropCounters {
  readonly bursts: readonly CounterBurst[];
}
export interface CounterBurst {
  readonly node: string;
  readonly leg: Leg;
  /** Were as many packets seen where this leg begins as were sent? `unknown`: nobody looked there. */
  readonly reached: 'yes' | 'no' | 'unknown';
  /** Which flow was sent: the asked one, or one from the target's own node. */
  readonly flow: 'asked' | 'same-node';
  readonly sent: number;
  /** IP length in bytes at the rule. */
  readonly length: number;
  readonly proof: CounterProof;
}
