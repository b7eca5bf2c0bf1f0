import type { BgpSession } from '../../model/bgp.ts';

/** What `calicoctl node status` says; null: not what BIRD on this node does. */
export type BgpStatus = { readonly running: boolean; readonly sessions: readonly BgpSession[] } | null;

/**
 * Parses `calicoctl node status`: a box of PEER ADDRESS, PEER TYPE, STATE, SINCE and INFO below `IPv4 BGP status`, or a
 * sentence. Of newer installs it may not find the processes, and says that Calico does not run: that decides nothing.
 */
export function parseNodeStatus(text: string): BgpStatus {
  if (/^The BGP backend process \(BIRD\) is not running\./m.test(text)) return { running: false, sessions: [] };
  const [, part] = /^IPv4 BGP status$([^]*?)(?=^IPv6 BGP status$|(?![^]))/m.exec(text) ?? [];
  if (part === undefined) return null;
  if (/^No IPv4 peers found\./m.test(part)) return { running: true, sessions: [] };
  const sessions = part.split('\n').flatMap((line): BgpSession[] => {
    const [, address, type, , , info] = line.split('|').map((cell) => cell.trim());
    if (address === undefined || type === undefined || info === undefined || !isAddress(address)) return [];
    return [{ address, established: info.startsWith('Established'), info }];
  });
  return sessions.length > 0 ? { running: true, sessions } : null;
}

/**
 * Parses `ss -Htan` of port 179: `STATE RECV-Q SEND-Q LOCAL:PORT PEER:PORT`. A connection that ends says nothing of the
 * next one, so only established ones and attempts count.
 */
export function parseBgpSockets(text: string): { readonly running: boolean; readonly sessions: readonly BgpSession[] } {
  const sessions = new Map<string, BgpSession>();
  let listens = false;
  for (const line of text.split('\n')) {
    const [state, , , , peer = ''] = line.trim().split(/\s+/);
    const address = peer.replace(/:[^:]*$/, '').replace(/^\[::ffff:(.*)\]$/, '$1');
    if (state === 'LISTEN') listens = true;
    if (!isAddress(address)) continue;
    if (state === 'ESTAB') sessions.set(address, { address, established: true, info: 'Established' });
    if (state === 'SYN-SENT' && !sessions.has(address))
      sessions.set(address, { address, established: false, info: 'Connect' });
  }
  return { running: listens || sessions.size > 0, sessions: [...sessions.values()] };
}

function isAddress(text: string): boolean {
  return /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text);
}
