import type { KernelWay } from '../model/kernel-way.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import type { Link, Route } from '../model/network.ts';

/** The readings of a node that a walk needs. */
export interface WalkedNode {
  readonly rulesets: NodeRuleSets;
  readonly routes: readonly Route[];
  readonly links: readonly Link[];
  /** The answers of its kernel. Not given: the questions are not known yet, so the main table decides. */
  readonly ways?: readonly KernelWay[];
}
