import type { Packet } from '../../model/ruleset/packet.ts';
import type { Hook } from '../../model/ruleset/places.ts';
import type { Chain, FilterRule, Uncertainty } from '../../model/ruleset/rules.ts';
import type { PathStep, RuleRef, WalkEnd } from '../../model/ruleset/walk.ts';
import type { BasePlace, ChainPlace } from './hook-order.ts';

/** One hook that the packet meets, with the interfaces as that hook sees them. */
export interface Stage {
  readonly hook: Hook;
  readonly inInterface?: string | null;
  readonly outInterface?: string | null;
}

export interface Ends {
  readonly ends: readonly WalkEnd[];
  readonly uncertainties: readonly Uncertainty[];
}

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
  readonly markedBy: Setter | null;
}

/** The rule that set a part of the packet. */
export interface Setter {
  readonly rule: RuleRef;
  readonly branch: Trail;
}

/** One way through the rules, up to its present place. Never changed, only replaced. */
export interface WalkState {
  readonly packet: Packet;
  readonly hook: Hook;
  readonly stage: number;
  /** Which base chain of the hook. */
  readonly base: number;
  readonly frames: readonly Frame[];
  readonly untracked: boolean;
  /** It ends in a queue at which no program listens. */
  readonly unheard?: true;
  readonly rewritten: { readonly source: boolean; readonly destination: boolean };
  /** The nat chains of this hook have decided already. */
  readonly natSettled: boolean;
  /** Which rule last set a mark's bit, by bit number. */
  readonly markSetters: Readonly<Record<number, Setter>>;
  /** Which rule last changed the time to live; null: none. */
  readonly ttlSetter: Setter | null;
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

/** Says why what the rule does to the packet is not certain. */
export function doubtAt(place: ChainPlace, rule: FilterRule, why: string): Uncertainty {
  return { rule: rule.text, why, at: refOf(place, rule) };
}

/** Returns what one of the two ways takes the rule to do. */
export function taken(doubts: readonly Uncertainty[], how: 'match' | 'miss'): readonly Uncertainty[] {
  return doubts.map((doubt) => ({
    ...doubt,
    why: `${doubt.why}; taken ${how === 'match' ? '' : 'not '}to match`,
    taken: how,
  }));
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

function steps(trail: Trail | null): PathStep[] {
  const found: PathStep[] = [];
  for (let at = trail; at; at = at.before) found.push(at.step);
  return found.toReversed();
}

/**
 * Returns the rule that set the lowest mark bit that this rule asks for: if this rule ends the packet, that one is why.
 */
export function setterOf(state: WalkState, { matches }: FilterRule): Setter | null {
  const bits = matches.reduce((all, match) => (match.kind === 'mark' && !match.negated ? all | match.value : all), 0);
  for (let bit = 0; bit < 32; bit += 1) if ((bits >>> bit) & 1) return state.markSetters[bit] ?? null;
  return null;
}

export function endOf(
  state: WalkState,
  decision: WalkEnd['decision'],
  end: Omit<ChainEnd, 'place' | 'explicit'> | null,
): WalkEnd {
  const { packet, assumed, notes, trail, ttlSetter } = state;
  return {
    decision,
    rule: end?.rule ?? null,
    markedBy: end?.markedBy?.rule ?? null,
    path: steps(end?.branch ?? null),
    markPath: end?.markedBy ? steps(end.markedBy.branch) : [],
    trail: steps(trail),
    ...(state.untracked ? { untracked: true as const } : {}),
    ...(state.unheard ? { unheard: true as const } : {}),
    ...(ttlSetter ? { ttlSetBy: { rule: ttlSetter.rule, path: steps(ttlSetter.branch) } } : {}),
    packet,
    assumed,
    notes,
  };
}

/** Returns a key that two ways share if they are the same from here on. */
export function keyOf(state: WalkState): string {
  const { packet, stage, base, untracked, rewritten, natSettled, takeNext, ttlSetter } = state;
  const frames = state.frames.map(({ place, next }) => [place.chain.name, next]);
  const setters = Object.entries(state.markSetters).map(([bit, { rule }]) => [bit, ...refKey(rule)]);
  return JSON.stringify([
    packet,
    stage,
    base,
    untracked,
    rewritten,
    natSettled,
    takeNext,
    frames,
    setters,
    ttlSetter && refKey(ttlSetter.rule),
    state.chainEnds.map(({ rule }) => [rule.chain, rule.index]),
  ]);
}

const refKey = ({ table, chain, index }: RuleRef) => [table, chain, index];

/** The way before its first stage. */
export function startOf(packet: Packet): WalkState {
  return {
    packet,
    hook: 'PREROUTING',
    stage: 0,
    base: -1,
    frames: [],
    untracked: packet.ctState === 'UNTRACKED',
    rewritten: { source: false, destination: false },
    natSettled: false,
    markSetters: {},
    ttlSetter: null,
    takeNext: false,
    trail: null,
    chainEnds: [],
    assumed: [],
    notes: [],
  };
}

/** The way at the first base chain of its next stage. */
export function atStage(state: WalkState, stage: Stage): WalkState {
  const { hook, inInterface = state.packet.inInterface, outInterface = state.packet.outInterface } = stage;
  // The kernel takes one off a forwarded packet's TTL before the FORWARD chains see it.
  const ttl =
    hook === 'FORWARD' && state.stage > 0 && state.packet.ttl !== null ? state.packet.ttl - 1 : state.packet.ttl;
  return { ...state, hook, packet: { ...state.packet, inInterface, outInterface, ttl }, base: 0, natSettled: false };
}

/** Chains of address translation see only the first packet of a connection, and of a hook only until one decides. */
export function meetsNat({ natSettled, untracked, packet }: WalkState): boolean {
  return !natSettled && !untracked && (packet.ctState === 'NEW' || packet.ctState === 'RELATED');
}

/** Returns the way behind the rule that it stands at. */
export function advance(state: WalkState, frame: Frame): WalkState {
  return { ...state, takeNext: false, frames: [...state.frames.slice(0, -1), { ...frame, next: frame.next + 1 }] };
}

/** Returns the way at the first rule of a chain that a rule jumps or goes to. */
export function entered(
  state: WalkState,
  from: Frame,
  { kind, chain, rule }: { readonly kind: 'jump' | 'goto'; readonly chain: Chain; readonly rule: FilterRule },
): WalkState {
  const branch = { step: stepOf(state.hook, from.place, rule.index), before: from.branch };
  const frame: Frame = { place: { ...from.place, chain }, next: 0, branch };
  return { ...state, frames: [...(kind === 'goto' ? state.frames.slice(0, -1) : state.frames), frame] };
}
