/** What Felix's eBPF programs hold of one pod's interface, as Calico's own dumps print it. */
import type { PolicyName } from './ruleset/owner.ts';

export type ProgramDirection = 'ingress' | 'egress';

/** One rule of a program. */
export interface ProgramRule {
  /** 1-based place among the rules and ends of its hook. */
  readonly index: number;
  /** As the dump prints it, on one line, without its count. */
  readonly text: string;
  readonly action: 'allow' | 'deny' | 'next-tier' | 'log';
  /** What the packet must be, as the dump prints it; null: any packet. */
  readonly match: string | null;
  /**
   * Since the rule was made, of every interface of the node: one a packet where it denies, one a flow where it allows.
   * null: not counted.
   */
  readonly hits: number | null;
}
export interface ProgramPolicy {
  readonly name: PolicyName;
  readonly rules: readonly ProgramRule[];
}
/** What becomes of a packet that no rule of a tier decides. It has a counter, which no dump shows. */
export interface TierEnd {
  readonly index: number;
  readonly text: string;
  readonly action: 'deny' | 'next-tier';
}
export interface ProgramTier {
  readonly name: string;
  readonly policies: readonly ProgramPolicy[];
  readonly end: TierEnd;
}
export interface ProgramProfile {
  readonly name: string;
  readonly rules: readonly ProgramRule[];
}

/** The policies of one direction. */
export interface ProgramHook {
  /** The dump's own name, as the node sees it: `tc egress` has what goes to the pod. */
  readonly hook: string;
  readonly tiers: readonly ProgramTier[];
  readonly profiles: readonly ProgramProfile[];
}

/** Packets of one direction since the interface was made. */
export interface ProgramCounters {
  /** By the dump's own name of the reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly total: number;
}

/** What a burst of test packets can change. */
export interface ProgramCounts {
  /** ISO 8601. */
  readonly at: string;
  /** By the pod's direction; a direction that was not read is not there. */
  readonly hooks: Readonly<Partial<Record<ProgramDirection, ProgramHook>>>;
  readonly counters: Readonly<Partial<Record<ProgramDirection, ProgramCounters>>>;
}

export interface PodPrograms extends ProgramCounts {
  readonly node: string;
  /** The pod's host-side interface, and its number on the node. */
  readonly interface: string;
  readonly index: number;
  /** The pod's address. */
  readonly address: string;
  /**
   * By the pod's direction: is a program of Felix attached? `unknown`: the reader saw no program of Felix on any
   * interface.
   */
  readonly attached: Readonly<Record<ProgramDirection, 'yes' | 'no' | 'unknown'>>;
  /** What Felix's programs know of the interface. `absent`: nothing. */
  readonly state: 'ready' | 'not-ready' | 'absent' | 'unknown';
  /** Where Felix's programs deliver packets to the pod. `absent`: the address is not one of a pod of this node. */
  readonly delivery: 'interface' | 'other' | 'absent' | 'unknown';
  /** Felix's maps on the node are of another version than the calico-node that was asked: what it said. */
  readonly otherVersion: string | null;
  /** Numbers of the kube-proxy processes that run on the node. */
  readonly kubeProxies: readonly string[];
  /** What could not be read, with the reason; without a full stop. */
  readonly unread: readonly string[];
}

/** Drops that policies decide, by the dump's name. */
export const droppedByPolicy = 'by policy';

/** Felix's programs do not know the pod: what comes for it is left to the packet filters. */
export function isUnknownToPrograms({ state, delivery }: PodPrograms): boolean {
  return state === 'absent' || delivery === 'absent';
}

/** Returns the programs of one pod's interface; undefined: they were not read. */
export function programsOf(
  programs: readonly PodPrograms[],
  node: string | null,
  address: string,
): PodPrograms | undefined {
  return programs.find((one) => one.node === node && one.address === address);
}
