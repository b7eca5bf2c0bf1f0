import type { BgpSession, BgpState } from '../../model/bgp.ts';

/** Why a node does not learn a route: of its sessions, or of the one to a peer. */
export type BgpTrouble =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'peerless' }
  /** None of its sessions is established. `info` is what is said of the first. */
  | { readonly kind: 'all-down'; readonly info: string }
  /** The same where the nodes do not peer with each other, but each with route reflectors or routers. */
  | {
      readonly kind: 'reflectors-down';
      readonly info: string;
      readonly sessions: readonly [BgpSession, ...BgpSession[]];
    }
  | { readonly kind: 'down'; readonly info: string };

/**
 * Returns what keeps a node from learning routes of a peer.
 * @returns null: the session is established, or others are and may bring the routes, as from a route reflector
 */
export function bgpTrouble({ running, known, sessions }: BgpState, peerAddress: string): BgpTrouble | null {
  if (!running) return { kind: 'stopped' };
  const own = sessions.find(({ address }) => address === peerAddress);
  if (own) return own.established ? null : { kind: 'down', info: own.info };
  const [first, ...others] = sessions;
  if (!first) return known === 'status' ? { kind: 'peerless' } : null;
  if (sessions.some(({ established }) => established)) return null;
  const { info } = first;
  return sessions.every(({ type }) => type === 'configured')
    ? { kind: 'reflectors-down', info, sessions: [first, ...others] }
    : { kind: 'all-down', info };
}
