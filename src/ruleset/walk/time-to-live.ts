/** Rules that change a packet's time to live, and the kernel that forwards nothing whose time has run out. */
import type { Packet } from '../../model/ruleset/packet.ts';
import type { Hook } from '../../model/ruleset/places.ts';
import type { Action } from '../../model/ruleset/rules.ts';
import type { WalkEnd } from '../../model/ruleset/walk.ts';
import { endOf, type Stage, type WalkState } from './walk-state.ts';

/** The time to live with which Linux sends a packet: net.ipv4.ip_default_ttl of a new network namespace. */
const usual = 64;

/** What a rule makes of a packet's time to live. */
interface ChangedTtl {
  /** null: not known. */
  readonly ttl: number | null;
  /** Why it is not certain; null: it is. */
  readonly uncertain: string | null;
}

/**
 * Returns the packet's new time to live. If it was not known before, what is left of the usual one tells whether the
 * packet is still forwarded.
 */
export function changedTtl(
  { how, value }: Extract<Action, { kind: 'set-ttl' }>,
  { ttl: now, inInterface }: Packet,
  hook: Hook,
): ChangedTtl {
  if (how === 'set') return { ttl: value, uncertain: null };
  if (now !== null)
    return { ttl: Math.min(255, Math.max(0, how === 'more' ? now + value : now - value)), uncertain: null };
  // More than what already sufficed suffices, too.
  if (how === 'more') return { ttl: null, uncertain: null };
  const isForwarded = hook === 'FORWARD' || (hook === 'POSTROUTING' && inInterface !== null);
  return {
    ttl: Math.max(0, usual - (isForwarded ? 1 : 0) - value),
    uncertain: `the packet's time to live is taken to be ${usual} where it was sent`,
  };
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
