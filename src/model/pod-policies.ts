/** What policies say of one pod: which select it, what each admits, and whether a source may reach it. */
import type { Expected } from './expected-decision.ts';

export interface PodPolicies {
  /** In the order in which Felix judges by them: by tier, then by order, then by name. */
  readonly policies: readonly PodPolicy[];
  /** They select the pod, and are not in force. */
  readonly staged: readonly StagedPodPolicy[] | { readonly unread: string };
  /** They decide where no policy applies, or every tier passes. */
  readonly profiles: readonly PodProfile[];
  readonly ingress: DirectionPolicies;
  readonly egress: DirectionPolicies;
}

/** What becomes of packets of one direction that the rules leave open. */
export interface DirectionPolicies {
  /** Those with a policy that selects the pod, in their order. */
  readonly tiers: readonly { readonly name: string; readonly otherwise: 'deny' | 'pass' }[];
  /** Packets can come to the pod's profiles: no tier applies, or the last one passes some. */
  readonly reachesProfiles: boolean;
}

export interface PodPolicy {
  readonly kind: string;
  /** null: it holds for every namespace. */
  readonly namespace: string | null;
  readonly name: string;
  readonly tier: string;
  /** null: after all that have one. */
  readonly order: number | null;
  /** null: it certainly selects the pod. Otherwise why that is not known. */
  readonly doubt: string | null;
  /** null: it does not judge this direction. */
  readonly ingress: readonly PodPolicyRule[] | null;
  readonly egress: readonly PodPolicyRule[] | null;
}

interface StagedPodPolicy extends PodPolicy {
  /** `Set`, or `Delete`: the policy of this name would go. */
  readonly stagedAction: string | null;
}

/** One rule, in words: the other end, and the ports. */
export interface PodPolicyRule {
  /** From 1. */
  readonly number: number;
  readonly action: string;
  readonly matches: string;
}

interface PodProfile {
  readonly name: string;
  /** null: the datastore has none of this name. */
  readonly rules: { readonly ingress: readonly PodPolicyRule[]; readonly egress: readonly PodPolicyRule[] } | null;
}

/** May one source reach the pod on one port? Anything that is not known makes it `unknown`. */
export interface PolicyAnswer extends Pick<Expected, 'decision'> {
  /** At the source. */
  readonly egress: Expected;
  /** At the pod. */
  readonly ingress: Expected;
}
