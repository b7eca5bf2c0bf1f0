import type { KernelWay } from '../model/kernel-way.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import type { Link, Route } from '../model/network.ts';

/** What was read of a node for walking packets on it. */
export interface WalkedNode {
  readonly rulesets: NodeRuleSets;
  readonly routes: readonly Route[];
  readonly links: readonly Link[];
  /** What its kernel answered. Not given: the questions are not known yet, so the main table decides. */
  readonly ways?: readonly KernelWay[];
}
