import type { ProgramDirection } from './ebpf-programs.ts';
import type { Leg } from './flow-walk.ts';
import type { CounterProof } from './ruleset/counter-proof.ts';

/** What N fresh flows did to the counters, on each node of their way. */
export interface DropCounters {
  readonly bursts: readonly CounterBurst[];
  /** What eBPF programs counted as dropped meanwhile, by reason. Not given: no node runs any. */
  readonly reasons?: readonly ReasonRise[];
}

/** Packets that the eBPF programs of a pod's interface dropped for one reason while test packets were sent. */
export interface ReasonRise {
  readonly node: string;
  readonly interface: string;
  readonly direction: ProgramDirection;
  /** In the words of Calico's dump. */
  readonly reason: string;
  readonly sent: number;
  readonly rise: number;
  /** In the window before; null: not counted. */
  readonly idle: number | null;
}

/** As many as were sent, and none while nothing was. */
export function isProven({ sent, rise, idle }: ReasonRise): boolean {
  return sent >= 3 && rise === sent && idle === 0;
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
