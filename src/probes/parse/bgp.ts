import { isIP } from 'node:net';
import type { AddressFamily } from '../../model/addresses.ts';
import type { BgpSession } from '../../model/bgp.ts';

/** What `calicoctl node status` says; null: not what BIRD on this node does. */
export type BgpStatus = { readonly running: boolean; readonly sessions: readonly BgpSession[] } | null;

const parts = {
  4: /^IPv4 BGP status$([^]*?)(?=^IPv6 BGP status$|(?![^]))/m,
  6: /^IPv6 BGP status$([^]*)/m,
};

/**
 * Parses `calicoctl node status`: a box of PEER ADDRESS, PEER TYPE, STATE, SINCE and INFO below `IPv4 BGP status` (or
 * IPv6), or a sentence. Of newer installs it may not find the processes, and says that Calico does not run: that
 * decides nothing.
 */
export function parseNodeStatus(text: string, family: AddressFamily = 4): BgpStatus {
  if (/^The BGP backend process \(BIRD\) is not running\./m.test(text)) return { running: false, sessions: [] };
  const [, part] = parts[family].exec(text) ?? [];
  if (part === undefined) return null;
  if (part.includes(`\nNo IPv${family} peers found.`)) return { running: true, sessions: [] };
  const sessions = part.split('\n').flatMap((line): BgpSession[] => {
    const [, address, type, , , info] = line.split('|').map((cell) => cell.trim());
    if (address === undefined || type === undefined || info === undefined || isIP(address) !== family) return [];
    const isMesh = type === 'node-to-node mesh';
    return [{ address, established: info.startsWith('Established'), type: isMesh ? 'mesh' : 'configured', info }];
  });
  return sessions.length > 0 ? { running: true, sessions } : null;
}

/**
 * Parses `ss -Htan` of port 179: `STATE RECV-Q SEND-Q LOCAL:PORT PEER:PORT`. A connection that ends says nothing of the
 * next one, so only established ones and attempts count.
 */
export function parseBgpSockets(
  text: string,
  family: AddressFamily = 4,
): { readonly running: boolean; readonly sessions: readonly BgpSession[] } {
  const sessions = new Map<string, BgpSession>();
  let listens = false;
  for (const line of text.split('\n')) {
    const [state, , , , peer = ''] = line.trim().split(/\s+/);
    const address = peer.replace(/:[^:]*$/, '').replace(/^\[(?:::ffff:(?=\d{1,3}\.))?(.*)\]$/, '$1');
    if (state === 'LISTEN') listens = true;
    if (isIP(address) !== family) continue;
    if (state === 'ESTAB') sessions.set(address, { address, established: true, info: 'Established' });
    if (state === 'SYN-SENT' && !sessions.has(address))
      sessions.set(address, { address, established: false, info: 'Connect' });
  }
  return { running: listens || sessions.size > 0, sessions: [...sessions.values()] };
}
