import type { PacketWalk, Redirected } from '../model/flow-walk.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import type { Action } from '../model/ruleset/rules.ts';
import type { RuleRef, WalkResult } from '../model/ruleset/walk.ts';
import { findRule } from '../ruleset/chains/find-rule.ts';
import type { WalkedNode } from './walked-node.ts';

/** Returns the last rule of the way that gives packets another source address, as `table chain: text`. */
export function rewriterOf(result: WalkResult, node: WalkedNode): string | null {
  return wordsOf(lastRule(result, node, rewritesSource));
}

function rewritesSource(kind: Action['kind']): boolean {
  return kind === 'masquerade' || kind === 'snat' || kind === 'netmap';
}

/** Returns the rules of the way that change what the answer of a packet, or the next packet behind an answer, meets. */
export function changersOf(
  packet: Packet,
  result: WalkResult,
  node: WalkedNode,
  asking: PacketWalk | undefined,
): Pick<PacketWalk, 'sourceBy' | 'untrackedBy' | 'zonedBy'> {
  const source = result.packet.source === packet.source ? null : lastRule(result, node, rewritesSource);
  const isAlone = result.untracked && result.decision === 'accept' && asking && !asking.result.untracked;
  const untracking = isAlone ? lastRule(result, node, (kind) => kind === 'notrack') : null;
  const zoning = asking ? otherZone(zoneOf(asking.result, node), zoneOf(result, node)) : null;
  return {
    ...(source ? { sourceBy: source } : {}),
    ...(untracking ? { untrackedBy: untracking } : {}),
    ...(zoning ? { zonedBy: zoning } : {}),
  };
}

interface Zone {
  readonly zone: string;
  readonly rule: RuleRef;
}

/** The rule that makes the zones differ; null: they are the same. */
function otherZone(asked: Zone | null, own: Zone | null): RuleRef | null {
  return asked?.zone === own?.zone ? null : ((own ?? asked)?.rule ?? null);
}

/**
 * The zone of connection tracking in which the packet is looked for; null: the usual one. A zone for one direction of a
 * connection (`--zone-orig`, `ct original zone`) is meant to differ, and does not count.
 */
function zoneOf({ trail }: WalkResult, { rulesets }: WalkedNode): Zone | null {
  for (const step of trail.toReversed()) {
    const rule = findRule(rulesets.ruleSets, step)?.rule;
    const zone = rule && zoneIn(rule.text);
    if (rule && zone)
      return zone === '0' ? null : { zone, rule: { ...step, text: rule.text, comments: rule.comments, tag: rule.tag } };
  }
  return null;
}

/** Returns where a rule of the node sends the packet instead of where it was sent to; null: none does. */
export function redirectedBy(packet: Packet, result: WalkResult, node: WalkedNode): Redirected | null {
  const { destination, destinationPort } = result.packet;
  if (destination === packet.destination && destinationPort === packet.destinationPort) return null;
  const rule = lastRule(result, node, (kind) => kind === 'dnat' || kind === 'redirect' || kind === 'netmap');
  return { address: destination, port: destinationPort, by: wordsOf(rule), rule };
}

/** Returns why a packet with another destination may go another way than was asked for; null: it has none. */
export function wayBehind(redirected: Redirected | null, { destination }: Packet): string | null {
  if (redirected === null || redirected.address === destination) return null;
  return `a rule sends the packet to ${redirected.address}, and the kernel was not asked for the way there`;
}

/** Returns the last rule of the way that does what is wanted. */
export function lastRule(
  { trail }: WalkResult,
  { rulesets }: WalkedNode,
  isWanted: (kind: Action['kind']) => boolean,
): RuleRef | null {
  for (const step of trail.toReversed()) {
    const rule = findRule(rulesets.ruleSets, step)?.rule;
    if (rule?.actions.some(({ kind }) => isWanted(kind)))
      return { ...step, text: rule.text, comments: rule.comments, tag: rule.tag };
  }
  return null;
}

function wordsOf(rule: RuleRef | null): string | null {
  return rule && `${rule.table} ${rule.chain}: ${rule.text}`;
}

function zoneIn(text: string): string | null {
  const isTarget = text.includes(' -j CT ');
  return (isTarget ? / --zone (\S{1,10})/ : /\bct zone set (\S{1,10})/).exec(text)?.[1] ?? null;
}
