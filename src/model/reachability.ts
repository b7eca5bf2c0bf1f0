/** What came back to the packets that were sent. */
import type { FlowPort } from './target.ts';

/** One try to reach an address. `answer`: what came back. */
export interface ReachAttempt {
  readonly from: string;
  readonly to: string;
  /**
   * `flow`: the judged port. `other-port`: another declared one, from the same source. `own-node`: from the target's
   * node, which no policy of the pod sees. `service`: the address of the Service that was asked about. `other-pod`:
   * another pod behind what was named.
   * `dns-tcp`: the same Service by TCP, where it is asked for names. `dns-tcp-pod`: the pod itself by TCP.
   */
  readonly what:
    | 'flow'
    | 'service'
    | 'dns-tcp'
    | 'dns-tcp-pod'
    | 'other-pod'
    | 'other-port'
    | 'same-node'
    | 'own-node'
    | 'node-to-node'
    | 'icmp';
  readonly port: FlowPort;
  readonly sent: number;
  readonly answered: number;
  readonly answer: 'reply' | 'none' | 'refused' | 'unreachable' | 'error';
  readonly detail: string;
}

export interface Reachability {
  readonly attempts: readonly ReachAttempt[];
}
