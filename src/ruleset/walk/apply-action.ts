import type { Packet } from '../../model/ruleset/packet.ts';
import type { Action, FilterRule, VerdictAction } from '../../model/ruleset/rules.ts';
import { hasConnection, matchAll, type MatchContext } from './match-packet.ts';
import { rewriteAddress } from './rewrite-address.ts';
import { changedTtl } from './time-to-live.ts';
import type { ChainPlace } from './hook-order.ts';
import { refOf, type Setter, type Trail, type WalkState } from './walk-state.ts';

export interface Applied {
  readonly state: WalkState;
  /** null: the rule's next action, or the next rule. `nat-done`: addresses are settled for this hook. */
  readonly verdict: VerdictAction | 'unknown' | 'nat-done' | null;
  /** Why the verdict is unknown. */
  readonly blocked: string | null;
  /** Why the new state is partly a guess. */
  readonly uncertain: string | null;
}

export interface ActionContext {
  readonly place: ChainPlace;
  readonly rule: FilterRule;
  /** The branch to the rule, the rule itself as its last step. */
  readonly branch: Trail;
  readonly match: MatchContext;
}

/** Applies one action to the packet and its way. */
export function applyAction(action: Action, state: WalkState, context: ActionContext): Applied {
  const goOn = (changed: Partial<WalkState>): Applied => ({
    state: { ...state, ...changed },
    verdict: null,
    blocked: null,
    uncertain: null,
  });
  const { packet } = state;
  switch (action.kind) {
    case 'log':
    case 'harmless':
      return goOn({});
    case 'set-mark':
      return goOn(marked(state, ((packet.mark & ~action.mask) ^ action.value) >>> 0, context));
    case 'restore-mark': {
      // There is nothing to read: nft leaves the rule here, and iptables has nothing more to do in it.
      if (!hasConnection(context.match)) return { ...goOn({}), verdict: { kind: 'continue' } };
      if (packet.connmark === null) return blocked(state, "the connection's mark is not known");
      return goOn(
        marked(state, ((packet.mark & ~action.mask) ^ (packet.connmark & action.connmarkMask)) >>> 0, context),
      );
    }
    case 'set-connmark':
      return !hasConnection(context.match)
        ? goOn({})
        : goOn({
            packet: {
              ...packet,
              connmark: packet.connmark === null ? null : ((packet.connmark & ~action.mask) ^ action.value) >>> 0,
            },
          });
    case 'save-mark': {
      if (!hasConnection(context.match)) return goOn({});
      const connmark =
        packet.connmark === null
          ? null
          : ((packet.connmark & ~action.connmarkMask) ^ (packet.mark & action.mask)) >>> 0;
      return goOn({ packet: { ...packet, connmark } });
    }
    case 'set-ttl': {
      const { ttl, uncertain } = changedTtl(action, packet, state.hook);
      return { ...goOn({ packet: { ...packet, ttl }, ttlSetter: setterAt(context) }), uncertain };
    }
    case 'notrack':
      return goOn(context.match.node.tracksAll ? {} : { untracked: true });
    case 'dnat':
    case 'snat':
    case 'redirect':
    case 'masquerade':
    case 'netmap': {
      const {
        packet: rewritten,
        side,
        note,
        uncertain,
      } = rewriteAddress(action, packet, state.hook, context.match.node);
      const moved = {
        ...state,
        packet: rewritten,
        rewritten: { ...state.rewritten, [side]: true },
        notes: [...state.notes, note],
      };
      return { state: moved, verdict: 'nat-done', blocked: null, uncertain };
    }
    case 'verdict-map':
      return mapped(action, state, context);
    case 'queue':
      return queued(action, state, context);
    case 'unknown':
      return blocked(state, action.why);
    default:
      return { state, verdict: action, blocked: null, uncertain: null };
  }
}

/**
 * The kernel drops what no program listens for (nf_queue in net/netfilter/nf_queue.c), or accepts it where the rule
 * says so.
 */
function queued(
  { numbers, bypass }: Extract<Action, { kind: 'queue' }>,
  state: WalkState,
  { place: { ruleSet } }: ActionContext,
): Applied {
  const listened = ruleSet.listenedQueues;
  const mayBeHeard = !numbers || listened?.some((one) => numbers[0] <= one && one <= numbers[1]) !== false;
  if (mayBeHeard) return blocked(state, 'a program in user space decides');
  return bypass
    ? { state, verdict: { kind: 'accept' }, blocked: null, uncertain: null }
    : { state: { ...state, unheard: true }, verdict: { kind: 'drop' }, blocked: null, uncertain: null };
}

function blocked(state: WalkState, why: string): Applied {
  return { state, verdict: 'unknown', blocked: why, uncertain: null };
}

function mapped(action: Extract<Action, { kind: 'verdict-map' }>, state: WalkState, { match }: ActionContext): Applied {
  if (action.entries === null) return blocked(state, 'the entries of the map are not in the save');
  for (const { matches, verdict } of action.entries) {
    const met = matchAll(matches, { ...match, packet: state.packet });
    if ('undecided' in met) return blocked(state, met.undecided.join('; '));
    if (met.result) return { state, verdict, blocked: null, uncertain: null };
  }
  return { state, verdict: null, blocked: null, uncertain: null };
}

function setterAt({ place, rule, branch }: ActionContext): Setter {
  return { rule: refOf(place, rule), branch };
}

/**
 * Remembers the rule that set each bit. If a rule sets a bit again, the later rule counts.
 */
function marked(
  state: WalkState,
  mark: number,
  context: ActionContext,
): { packet: Packet; markSetters: WalkState['markSetters'] } {
  const setter = setterAt(context);
  const touched = context.rule.actions.reduce(
    (bits, action) =>
      action.kind === 'set-mark' ? bits | action.value : action.kind === 'restore-mark' ? bits | action.mask : bits,
    0,
  );
  const markSetters: Record<number, Setter> = {};
  for (let bit = 0; bit < 32; bit += 1) {
    if (!((mark >>> bit) & 1)) continue;
    const known = (touched >>> bit) & 1 ? setter : state.markSetters[bit];
    if (known) markSetters[bit] = known;
  }
  return { packet: { ...state.packet, mark }, markSetters };
}
