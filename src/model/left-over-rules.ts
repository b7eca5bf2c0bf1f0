import type { Backend } from './ruleset/places.ts';

/** A node on which packets meet Calico's rules in more than one backend: an earlier Felix left some of them. */
export interface LeftOverRules {
  readonly node: string;
  /** Every backend whose FORWARD leads through Calico's chains. */
  readonly backends: readonly Backend[];
  /** The one that Felix programs; null: nothing says which. */
  readonly inUse: Backend | null;
  /** By what that is known, a clause; empty where it is not. */
  readonly sign: string;
}

/** Why a rule that ends a packet is no rule of the Felix that runs: without it the node lets the packet through. */
export interface LeftOver {
  readonly backend: Backend;
  readonly inUse: Backend | null;
  readonly sign: string;
}
