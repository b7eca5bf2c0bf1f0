/** Flows that a fix must not change. */
import type { FlowEnd } from './flow.ts';
import type { ReachAttempt } from './reachability.ts';
import type { FlowPort } from './target.ts';

/** A flow of which a fix must not change whether it gets through. */
export interface ControlFlow {
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  readonly port: FlowPort;
  /** The policy that refuses it; null: it is to get through. */
  readonly refusedBy: string | null;
  readonly answer: ReachAttempt['answer'];
  /** What was sent, or why nothing could be. */
  readonly detail: string;
}

export type ControlFlowFact = 'denied-flow' | 'other-flows' | 'own-node-flows';

/** What looks around a fix are to try. */
export interface Watch {
  /** Into which the fix may let traffic. */
  readonly namespace: string;
  /** What the look before the fix tried; null in that look itself. */
  readonly again: Readonly<Partial<Record<ControlFlowFact, readonly ControlFlow[]>>> | null;
}
