import type { Evidence } from './evidence.ts';
import type { CounterBurst } from './drop-counters.ts';
import type { ExpectedDecision } from './expected-decision.ts';
import type { Leg } from './flow-walk.ts';
import type { LeftOver } from './left-over-rules.ts';
import type { Owner } from './ruleset/owner.ts';
import type { RuleRef } from './ruleset/walk.ts';

/**
 * What ends a packet.
 * - `policy-rule`: a rule of a policy.
 * - `tier-end`: the policies of a tier select the endpoint, and none allows the packet.
 * - `profile-stand-in`: the drops that Felix writes for a profile that it does not have.
 * - `profile`: a rule of a profile.
 * - `no-profile-matched`: the end of an endpoint's chain: none of its profiles allows the packet.
 * - `unknown-interface`: Felix has programmed no endpoint for the interface.
 * - `tunnel-guard`: Calico's rule that drops tunnel packets from senders which the node does not allow.
 * - `host-endpoint`: any of these, in the chains of a host endpoint: of an interface of the node itself.
 * - `guard`: another rule of Calico.
 * - `foreign`: a rule that is not Calico's.
 * - `hook-missing`: a chain of the kernel that does not lead through Calico's rules, which would let the packet pass.
 * - `left-over`: a rule of Calico's in a backend that Felix does not program, or may not: the others let the packet
 * through.
 * - `not-tracked`: any of these, met only because a NOTRACK rule hides the flow from connection tracking.
 */
export type DenialClass =
  | 'policy-rule'
  | 'tier-end'
  | 'profile-stand-in'
  | 'profile'
  | 'no-profile-matched'
  | 'unknown-interface'
  | 'tunnel-guard'
  | 'host-endpoint'
  | 'guard'
  | 'foreign'
  | 'hook-missing'
  | 'left-over'
  | 'not-tracked';

/** One dropped or rejected packet of the walks. */
export interface Denial {
  readonly class: DenialClass;
  readonly leg: Leg;
  readonly node: string;
  /** Addresses of the packet as the ending rule sees it: rewritten on the way, or of the outer packet. */
  readonly packet: { readonly source: string; readonly destination: string };
  /** The end of the flow whose endpoint judges on this leg. */
  readonly end: 'source' | 'destination';
  readonly owner: Owner;
  readonly rule: RuleRef;
  /** `not-tracked`: the rule that takes the packet, or the one that it answers, out of connection tracking. */
  readonly untrackedBy: RuleRef | null;
  /** `left-over` alone. */
  readonly leftOver?: LeftOver;
  /** false: the test packets were lost before they came here. */
  readonly stopsFlow: boolean;
  /** The profile whose chain ends the packet, for classes about profiles. `unknown`: the datastore did not say. */
  readonly profile: { readonly name: string; readonly state: 'missing' | 'exists' | 'unknown' } | null;
  /** `counter`: the counters of this very rule prove it. */
  readonly proof: 'counter' | 'inferred';
  /** The fresh packets that prove it, or were tried to; null: none met this rule. */
  readonly burst: CounterBurst | null;
  /** What the datastore's objects say of this packet; null: they were not compared. */
  readonly expected: ExpectedDecision | null;
  /** The rule sets a time to live with which this node, the same or the one behind, does not forward the packet. */
  readonly expiredOn?: string;
  /** The rule hands the packet to a queue at which no program listens. */
  readonly unheard?: true;
  /** The packet is led astray, and it would end at this rule on its right way, too. */
  readonly onRightWayToo?: true;
  /** The packet is led astray, and it would not end at this rule on its right way. */
  readonly offRightWay?: true;
  /** Why its class is not certain; without a full stop. */
  readonly doubt: string | null;
  /** The ending rule in its chain. */
  readonly evidence: readonly Evidence[];
}

export interface Denials {
  readonly denied: readonly Denial[];
  /** Legs on which a packet may be dropped although no denial says so; none where the judged port works. */
  readonly open: readonly { readonly leg: Leg; readonly why: string }[];
  /** Why the datastore's objects were not compared; null: they were, or nothing had to be. */
  readonly notCompared: string | null;
}
