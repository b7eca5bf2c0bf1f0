/** What came back to the packets that were sent. */
import type { FlowPort } from './target.ts';

/** One try to reach an address. `answer`: what came back. */
export interface ReachAttempt {
  readonly from: string;
  readonly to: string;
  /**
   * `flow`: the judged port. `other-port`: another declared one, from the same source. `own-node`: from the target's
   * node, which no policy of the pod sees.
   */
  readonly what: 'flow' | 'other-port' | 'same-node' | 'own-node' | 'node-to-node' | 'icmp';
  readonly port: FlowPort;
  readonly sent: number;
  readonly answered: number;
  readonly answer: 'reply' | 'none' | 'refused' | 'unreachable' | 'error';
  readonly detail: string;
}

export interface Reachability {
  readonly attempts: readonly ReachAttempt[];
}
