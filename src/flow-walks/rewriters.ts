import type { PacketWalk } from '../model/flow-walk.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import type { Action } from '../model/ruleset/rules.ts';
import type { WalkResult } from '../model/ruleset/walk.ts';
import { findRule } from '../ruleset/chains/find-rule.ts';
import type { WalkedNode } from './walked-node.ts';

/** Returns the last rule of the way that gives packets another source address, as `table chain: text`. */
export function rewriterOf(result: WalkResult, node: WalkedNode): string | null {
  return lastOf(result, node, (kind) => kind === 'masquerade' || kind === 'snat' || kind === 'netmap');
}

/** Returns where a rule of the node sends the packet instead of where it was sent to; nothing where none does. */
export function redirectedBy(packet: Packet, result: WalkResult, node: WalkedNode): Pick<PacketWalk, 'redirected'> {
  const { destination, destinationPort } = result.packet;
  if (destination === packet.destination && destinationPort === packet.destinationPort) return {};
  const by = lastOf(result, node, (kind) => kind === 'dnat' || kind === 'redirect' || kind === 'netmap');
  return { redirected: { address: destination, port: destinationPort, by } };
}

function lastOf(
  { trail }: WalkResult,
  { rulesets }: WalkedNode,
  isWanted: (kind: Action['kind']) => boolean,
): string | null {
  for (const step of trail.toReversed()) {
    const rule = findRule(rulesets.ruleSets, step)?.rule;
    if (rule?.actions.some(({ kind }) => isWanted(kind))) return `${step.table} ${step.chain}: ${rule.text}`;
  }
  return null;
}
