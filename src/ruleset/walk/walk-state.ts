import type { Packet } from '../../model/ruleset/packet.ts';
import type { Hook } from '../../model/ruleset/places.ts';
import type { FilterRule, Uncertainty } from '../../model/ruleset/rules.ts';
import type { PathStep, RuleRef, WalkEnd } from '../../model/ruleset/walk.ts';
import type { BasePlace, ChainPlace } from './hook-order.ts';

/** A list that grows at its head, so that branches of a walk share what they have in common. */
export interface Trail {
  readonly step: PathStep;
  readonly before: Trail | null;
}

/** A chain being read: the next rule, and the branch that led into it. */
export interface Frame {
  readonly place: ChainPlace;
  readonly next: number;
  readonly branch: Trail | null;
}

/** How the packet left one base chain. */
export interface ChainEnd {
  readonly rule: RuleRef;
  readonly branch: Trail | null;
  readonly explicit: boolean;
  readonly place: BasePlace;
  readonly markedBy: MarkSetter | null;
}

export interface MarkSetter {
  readonly rule: RuleRef;
  readonly branch: Trail;
}

/** One way through the rules, up to where it has come. Never changed, only replaced. */
export interface WalkState {
  readonly packet: Packet;
  readonly hook: Hook;
  readonly stage: number;
  /** Which base chain of the hook. */
  readonly base: number;
  readonly frames: readonly Frame[];
  readonly untracked: boolean;
  readonly rewritten: { readonly source: boolean; readonly destination: boolean };
  /** The nat chains of this hook have decided already. */
  readonly natSettled: boolean;
  /** Which rule last set a mark's bit, by bit number. */
  readonly markSetters: Readonly<Record<number, MarkSetter>>;
  /** The next rule is undecided, and this way takes it to match. */
  readonly takeNext: boolean;
  readonly trail: Trail | null;
  readonly chainEnds: readonly ChainEnd[];
  readonly assumed: readonly Uncertainty[];
  readonly notes: readonly string[];
}

export function stepOf(hook: Hook, { ruleSet, table, chain }: ChainPlace, index: number): PathStep {
  return { hook, backend: ruleSet.backend, family: table.family, table: table.name, chain: chain.name, index };
}

export function refOf({ ruleSet, table, chain }: ChainPlace, rule: FilterRule): RuleRef {
  const { index, text, comments, tag } = rule;
  return {
    backend: ruleSet.backend,
    family: table.family,
    table: table.name,
    chain: chain.name,
    index,
    text,
    comments,
    tag,
  };
}

export function policyRef({ ruleSet, table, chain, base }: BasePlace): RuleRef {
  const text = `-P ${chain.name} ${base.policy.toUpperCase()}`;
  return {
    backend: ruleSet.backend,
    family: table.family,
    table: table.name,
    chain: chain.name,
    index: 0,
    text,
    comments: [],
    tag: null,
  };
}

export function steps(trail: Trail | null): PathStep[] {
  const found: PathStep[] = [];
  for (let at = trail; at; at = at.before) found.push(at.step);
  return found.toReversed();
}

/** The rule that set the lowest of these bits, for a rule that ends the packet because they are set. */
export function setterOf(state: WalkState, bits: number): MarkSetter | null {
  for (let bit = 0; bit < 32; bit += 1) if ((bits >>> bit) & 1) return state.markSetters[bit] ?? null;
  return null;
}

export function endOf(
  state: WalkState,
  decision: WalkEnd['decision'],
  end: Omit<ChainEnd, 'place' | 'explicit'> | null,
): WalkEnd {
  const { packet, assumed, notes, trail } = state;
  return {
    decision,
    rule: end?.rule ?? null,
    markedBy: end?.markedBy?.rule ?? null,
    path: steps(end?.branch ?? null),
    markPath: end?.markedBy ? steps(end.markedBy.branch) : [],
    trail: steps(trail),
    packet,
    assumed,
    notes,
  };
}
