import type { NodeKnowledge, Packet } from '../../model/ruleset/packet.ts';
import type { Action, FilterRule, RuleSet, Uncertainty, VerdictAction } from '../../model/ruleset/rules.ts';
import type { WalkEnd } from '../../model/ruleset/walk.ts';
import { applyAction } from './apply-action.ts';
import { chainNamed } from '../chains/chain-index.ts';
import type { BasePlace, ChainPlace } from './hook-order.ts';
import { leadingMatches, ruleAt, sizeOf } from '../chains/lazy-chain.ts';
import { matchAll, matchPacket, type MatchContext } from './match-packet.ts';
import { setFinder } from '../sets/finder.ts';
import { acceptingEnd } from './accepting-end.ts';
import { expiredEnd } from './time-to-live.ts';
import {
  advance,
  atStage,
  doubtAt,
  endOf,
  entered,
  keyOf,
  meetsNat,
  policyRef,
  refOf,
  setterOf,
  startOf,
  stepOf,
  taken,
  type ChainEnd,
  type Ends,
  type Frame,
  type Stage,
  type WalkState,
} from './walk-state.ts';

/** Bounds of one walk. Above them the walk ends as unknown, and says so. */
const limits = { rules: 500_000, states: 2_000, depth: 512, bases: 500, seen: 5_000 };
const longerThanBound = 'the walk is longer than its bound';
const hit = { result: true } as const;

/** Walks one packet through the base chains of each stage, in one order. */
export class Walk {
  readonly #findSet: ReturnType<typeof setFinder>;
  readonly #stages: readonly Stage[];
  readonly #orders: readonly (readonly BasePlace[])[];
  readonly #node: NodeKnowledge;
  readonly #ends: WalkEnd[] = [];
  readonly #uncertainties: Uncertainty[] = [];
  readonly #waiting: WalkState[] = [];
  readonly #seen = new Set<string>();
  #rules = 0;
  #states = 0;

  constructor(
    ruleSets: readonly RuleSet[],
    stages: readonly Stage[],
    orders: readonly (readonly BasePlace[])[],
    node: NodeKnowledge,
  ) {
    this.#findSet = setFinder(ruleSets);
    this.#stages = stages;
    this.#orders = orders;
    this.#node = node;
  }

  run(packet: Packet): Ends {
    this.#enterStage(startOf(packet));
    for (let state = this.#waiting.pop(); state; state = this.#waiting.pop()) this.#follow(state);
    return { ends: this.#ends, uncertainties: this.#uncertainties };
  }

  #enterStage(state: WalkState): void {
    const stage = this.#stages[state.stage];
    const end = stage ? expiredEnd(state, stage) : acceptingEnd(state);
    if (end?.decision === 'unknown') this.#uncertainties.push(...end.assumed);
    if (end) this.#ends.push(end);
    else if (stage) this.#enterBase(atStage(state, stage));
  }

  /** Goes on with the base chain that the state names; with the next hook if none is left. */
  #enterBase(state: WalkState): void {
    const place = this.#orders[state.stage]?.[state.base];
    if (!place) {
      const last = state.stage + 1 === this.#stages.length;
      if (last) this.#ends.push(acceptingEnd(state));
      else this.#enterStage({ ...state, stage: state.stage + 1 });
      return;
    }
    if (state.base >= limits.bases) {
      this.#giveUp(state, longerThanBound);
      return;
    }
    if (place.base.type === 'nat' && !meetsNat(state)) {
      this.#enterBase({ ...state, base: state.base + 1 });
      return;
    }
    this.#waiting.push({ ...state, frames: [{ place, next: 0, branch: null }] });
  }

  #follow(start: WalkState): void {
    let state: WalkState | null = start;
    while (state) {
      const frame = state.frames.at(-1);
      if (!frame || state.frames.length > limits.depth) {
        this.#giveUp(state, longerThanBound);
        return;
      }
      if (state.assumed.length > 0 && this.#seenBefore(state)) return;
      state = this.#readChain(state, frame);
    }
  }

  /**
   * Goes on in a chain up to the first rule that may match, or to the chain's end. Returns the state behind it; null:
   * this way has ended, or waits with others. Rules that do not match change nothing, so thousands of them cost little.
   */
  #readChain(state: WalkState, frame: Frame): WalkState | null {
    const { chain } = frame.place;
    const size = sizeOf(chain);
    const context = this.#matchContext(state, frame.place);
    for (let next = frame.next; next <= size; next += 1) {
      this.#rules += 1;
      if (
        !state.takeNext &&
        this.#rules <= limits.rules &&
        leadingMatches(chain, next).some((match) => matchPacket(match, context) === false)
      )
        continue;
      const rule = ruleAt(chain, next + 1);
      const met = rule && !state.takeNext ? matchAll(rule.matches, context) : hit;
      if ('result' in met && !met.result && this.#rules <= limits.rules) continue;
      const here: Frame = { ...frame, next };
      const at: WalkState = { ...state, frames: [...state.frames.slice(0, -1), here] };
      if (this.#rules > limits.rules) {
        this.#giveUp(at, longerThanBound);
        return null;
      }
      return rule ? this.#readRule(at, here, rule, met) : this.#endOfChain(at);
    }
    return null;
  }

  /**
   * Takes one rule that matches, or may. Returns the state to go on with; null: this way has ended, or waits with
   * others.
   */
  #readRule(state: WalkState, frame: Frame, rule: FilterRule, met: ReturnType<typeof matchAll>): WalkState | null {
    const skipped = advance(state, frame);
    if ('result' in met) return this.#act(skipped, frame, rule.actions);
    if (rule.actions.every(({ kind }) => kind === 'log' || kind === 'harmless' || kind === 'continue')) return skipped;
    const doubt = met.undecided.map((why) => doubtAt(frame.place, rule, why));
    this.#uncertainties.push(...doubt);
    this.#states += 1;
    if (this.#states > limits.states) {
      this.#giveUp(state, 'more undecided rules than the walk follows');
      return null;
    }
    this.#waiting.push({
      ...state,
      takeNext: true,
      assumed: [...state.assumed, ...taken(doubt, 'match')],
    });
    return {
      ...skipped,
      assumed: [...state.assumed, ...taken(doubt, 'miss')],
    };
  }

  /** Takes the actions of a rule that matched, in order. */
  #act(after: WalkState, frame: Frame, actions: readonly Action[]): WalkState | null {
    const rule = ruleAt(frame.place.chain, frame.next + 1);
    if (!rule) return null;
    const step = stepOf(after.hook, frame.place, rule.index);
    const branch = { step, before: frame.branch };
    let state: WalkState = { ...after, trail: { step, before: after.trail } };
    for (const action of actions) {
      const done = applyAction(action, state, {
        place: frame.place,
        rule,
        branch,
        match: this.#matchContext(state, frame.place),
      });
      if (done.uncertain !== null) {
        const doubt = doubtAt(frame.place, rule, done.uncertain);
        this.#uncertainties.push(doubt);
        state = { ...done.state, assumed: [...state.assumed, doubt] };
      } else {
        state = done.state;
      }
      if (done.verdict === null) continue;
      return this.#decide(state, frame, done.verdict, done.blocked);
    }
    return state;
  }

  #matchContext(state: WalkState, place: ChainPlace): MatchContext {
    const { packet, hook, untracked, rewritten } = state;
    const priority = this.#basePlace(state)?.priority ?? 0;
    return {
      packet,
      hook,
      priority,
      untracked,
      rewritten,
      node: this.#node,
      findSet: (name) => this.#findSet(place, name),
    };
  }

  #decide(
    state: WalkState,
    frame: Frame,
    verdict: VerdictAction | 'unknown' | 'nat-done',
    why: string | null,
  ): WalkState | null {
    const rule = ruleAt(frame.place.chain, frame.next + 1);
    if (!rule) return null;
    const ref = refOf(frame.place, rule);
    const markedBy = setterOf(state, rule);
    const end = { rule: ref, branch: frame.branch, markedBy };
    if (verdict === 'unknown') {
      const doubt = doubtAt(frame.place, rule, why ?? 'what the rule does is not known');
      this.#uncertainties.push(doubt);
      this.#ends.push(endOf({ ...state, assumed: [...state.assumed, doubt] }, 'unknown', end));
      return null;
    }
    if (verdict === 'nat-done') return this.#leaveBase({ ...state, natSettled: true }, { ...end, explicit: true });
    switch (verdict.kind) {
      case 'accept':
        return this.#leaveBase(state, { ...end, explicit: true });
      case 'drop':
      case 'reject':
        this.#ends.push(endOf(state, verdict.kind, end));
        return null;
      case 'return':
        return this.#endOfChain(state);
      case 'jump':
      case 'goto':
        return this.#enterChain(state, frame, verdict);
      default:
        return state;
    }
  }

  #enterChain(
    state: WalkState,
    frame: Frame,
    { kind, chain: name }: VerdictAction & { kind: 'jump' | 'goto' },
  ): WalkState | null {
    const chain = chainNamed(frame.place.table, name);
    const rule = ruleAt(frame.place.chain, frame.next + 1);
    if (!chain || !rule) {
      this.#giveUp(state, `the chain ${name} is not in the save`, rule);
      return null;
    }
    return entered(state, frame, { kind, chain, rule });
  }

  /** Leaves a chain that ended without a verdict: back to the caller, or to the base chain's policy. */
  #endOfChain(state: WalkState): WalkState | null {
    const frames = state.frames.slice(0, -1);
    if (frames.length > 0) return { ...state, frames };
    const place = this.#basePlace(state);
    if (!place) return null;
    const end = { rule: policyRef(place), branch: null, markedBy: null };
    if (place.base.policy === 'accept') return this.#leaveBase({ ...state, frames }, { ...end, explicit: false });
    this.#ends.push(endOf(state, 'drop', end));
    return null;
  }

  #leaveBase(state: WalkState, end: Omit<ChainEnd, 'place'>): null {
    const place = this.#basePlace(state);
    if (place)
      this.#enterBase({
        ...state,
        frames: [],
        base: state.base + 1,
        chainEnds: [...state.chainEnds, { ...end, place }],
      });
    return null;
  }

  #basePlace(state: WalkState): BasePlace | undefined {
    return this.#orders[state.stage]?.[state.base];
  }

  #giveUp(state: WalkState, why: string, met?: FilterRule | null): void {
    const frame = state.frames.at(-1);
    const rule = met ?? (frame && ruleAt(frame.place.chain, frame.next + 1));
    const doubt = frame && rule ? doubtAt(frame.place, rule, why) : { rule: state.hook, why };
    this.#uncertainties.push(doubt);
    this.#ends.push(endOf({ ...state, assumed: [...state.assumed, doubt] }, 'unknown', null));
  }

  /** Was another way here in the same state? Then both have one end. */
  #seenBefore(state: WalkState): boolean {
    if (this.#seen.size >= limits.seen) return false;
    const key = keyOf(state);
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }
}
