/** Rules that change a packet's time to live, and the kernel that forwards nothing whose time has run out. */
import type { Action } from '../../model/ruleset/rules.ts';
import type { WalkEnd } from '../../model/ruleset/walk.ts';
import { endOf, type Stage, type WalkState } from './walk-state.ts';

/** Returns the packet's new time to live; null: what it was before is not known. */
export function changedTtl({ how, value }: Extract<Action, { kind: 'set-ttl' }>, now: number | null): number | null {
  if (how === 'set') return value;
  return now === null ? null : Math.min(255, Math.max(0, how === 'more' ? now + value : now - value));
}

/**
 * Returns the end of a packet that the kernel does not forward for its time to live, at the rule that set it; null: it
 * goes on. The kernel looks before it asks the FORWARD chains (net/ipv4/ip_forward.c).
 */
export function expiredEnd(state: WalkState, { hook }: Stage): WalkEnd | null {
  const { ttl } = state.packet;
  if (hook !== 'FORWARD' || state.stage === 0 || ttl === null || ttl > 1) return null;
  const { ttlSetter } = state;
  if (ttlSetter) return { ...endOf(state, 'drop', { ...ttlSetter, markedBy: null }), expired: true };
  const doubt = {
    rule: hook,
    why: `the packet comes with a time to live of ${ttl}, and the kernel does not forward it`,
  };
  return endOf({ ...state, assumed: [...state.assumed, doubt] }, 'unknown', null);
}
