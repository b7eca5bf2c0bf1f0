import type { KnownNames } from '../../model/ruleset/owner.ts';
import type { NodeKnowledge, Packet } from '../../model/ruleset/packet.ts';
import type { Hook } from '../../model/ruleset/places.ts';
import type { RuleSet, Uncertainty } from '../../model/ruleset/rules.ts';
import { isRefused, type WalkDecision, type WalkEnd, type WalkResult } from '../../model/ruleset/walk.ts';
import { ownerOfEnd } from './end-owner.ts';
import { walkStages } from './walk-stages.ts';
import type { Stage } from './walk-state.ts';

export interface WalkOptions {
  readonly node?: Partial<NodeKnowledge>;
  readonly names?: KnownNames;
}

/** Walks the packet through every table's chains at one hook. */
export function walkHook(
  ruleSets: readonly RuleSet[],
  packet: Packet,
  hook: Hook,
  options: WalkOptions = {},
): WalkResult {
  return walkFlow(ruleSets, packet, [{ hook }], options);
}

/** The hooks of a packet that the node forwards. */
export function forwarded(inInterface: string, outInterface: string): Stage[] {
  return [
    { hook: 'PREROUTING', inInterface, outInterface: null },
    { hook: 'FORWARD', inInterface, outInterface },
    { hook: 'POSTROUTING', inInterface, outInterface },
  ];
}

/** The hooks of a packet for the node itself, such as the outer packet of a tunnel. */
export function delivered(inInterface: string): Stage[] {
  return [
    { hook: 'PREROUTING', inInterface, outInterface: null },
    { hook: 'INPUT', inInterface, outInterface: null },
  ];
}

/** The hooks of a packet that the node sends. */
export function sent(outInterface: string): Stage[] {
  return [
    { hook: 'OUTPUT', inInterface: null, outInterface },
    { hook: 'POSTROUTING', inInterface: null, outInterface },
  ];
}

/**
 * Walks the packet through several hooks until one ends it. Marks and rewritten addresses are carried over. There is a
 * decision only if every way that undecided matches leave open ends in it; otherwise it is unknown.
 */
export function walkFlow(
  ruleSets: readonly RuleSet[],
  packet: Packet,
  stages: readonly Stage[],
  options: WalkOptions = {},
): WalkResult {
  const node: NodeKnowledge = { localAddresses: null, reversePath: null, ...options.node };
  const walked = walkStages(ruleSets, packet, stages, node);
  const ends = distinctEnds(walked.ends);
  const decisions = new Set(ends.map(({ decision }) => decision));
  const [first] = ends;
  if (!first) throw new Error('a walk without an end');
  const decision: WalkDecision =
    decisions.size === 1 && !ruleSets.some(({ cutOff }) => cutOff) ? first.decision : 'unknown';
  const uncertainties = distinct([
    ...unseen(ruleSets),
    ...walked.uncertainties,
    ...(ends.length > 1 && walked.uncertainties.length === 0 ? [orderUnknown] : []),
  ]);
  // If the ways end differently, no rule is named; `ends` has them all.
  const told: WalkEnd =
    decision === 'unknown' && ends.length > 1
      ? { ...first, rule: null, markedBy: null, path: [], markPath: [] }
      : first;
  const owner = ownerOfEnd(ruleSets, told, options.names);
  if (ends.length === 1) return { ...told, decision, owner, uncertainties, ends };
  const owned = ends.map((end) =>
    isRefused(end.decision) ? { ...end, owner: ownerOfEnd(ruleSets, end, options.names) } : end,
  );
  return { ...told, decision, owner, uncertainties, ends: owned };
}

/** Returns the parts that a reader says it left out and no other reader showed. */
function unseen(ruleSets: readonly RuleSet[]): Uncertainty[] {
  const hasLegacy = ruleSets.some(({ backend }) => backend === 'iptables-legacy');
  return ruleSets
    .flatMap(({ uncertainties }) => uncertainties)
    .filter(({ rule }) => !(rule.includes('iptables-legacy tables present') && hasLegacy));
}

const orderUnknown: Uncertainty = {
  rule: 'base chains of equal priority',
  why: 'which of them the kernel calls first is not in a save',
};

function distinctEnds(ends: readonly WalkEnd[]): WalkEnd[] {
  return [...new Map(ends.toReversed().map((end) => [endKey(end), end])).values()].toReversed();
}

function distinct(all: readonly Uncertainty[]): Uncertainty[] {
  return [...new Map(all.map((one) => [doubtKey(one), one])).values()];
}

function doubtKey({ rule, why, at }: Uncertainty): string {
  return [at?.table, at?.chain, at?.index, rule, why].join('\n');
}

/** Two drops at one rule are one end, whatever the packet had become by then. */
function endKey({ decision, rule, packet, markedBy }: WalkEnd): string {
  const place = rule && [rule.backend, rule.family, rule.table, rule.chain, rule.index];
  return JSON.stringify([
    decision,
    place,
    isRefused(decision) ? null : packet,
    markedBy && [markedBy.table, markedBy.chain, markedBy.index],
  ]);
}
