/** Rules on the way that change what answers depend on, while each packet of the walks passes them. */
import { isCalicoChain } from '../calico/chain-names.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { listRule } from '../model/list-rule.ts';
import { protocols } from '../model/protocols.ts';
import { ruleWords } from '../model/rule-words.ts';

/**
 * Returns a note for each rule outside Calico that gives packets another source address where the flow fails, and for
 * each that takes answers alone out of connection tracking, or has them looked for in another zone of it.
 * @param isTold is it told already that a node gives packets this source address?
 */
export function changedNotes(
  walks: readonly PacketWalk[],
  works: boolean,
  isTold: (node: string, address: string) => boolean,
): readonly string[] {
  const sources = works ? [] : walks.filter(({ node, result }) => !isTold(node, result.packet.source));
  return [
    ...new Set([
      ...sources.flatMap(sourceNotes),
      ...walks.flatMap(trackingNotes),
      ...(works ? [] : walks.flatMap(zoneNotes)),
    ]),
  ];
}

function sourceNotes({ node, packet, result, sourceBy: rule }: PacketWalk): readonly string[] {
  const now = result.packet.source;
  // Where programs decide, the walk has another result than the filters.
  if (!rule || isCalicoChain(rule.chain) || now === packet.source) return [];
  return [
    `${node} gives packets from ${packet.source} to ${packet.destination} the source address ${now}: ` +
      `${ruleWords(rule)} ("${rule.text}"). The way of answers to ${now} was not checked. To do next on ` +
      `${node}: ${listRule(rule)}; conntrack -L -d ${packet.destination}`,
  ];
}

/**
 * Connection tracking that sees the opening packet and no answer takes the next packet of the client as invalid (the
 * state SYN_SENT of nf_conntrack_proto_tcp.c).
 */
function trackingNotes({ node, packet, result, untrackedBy: rule }: PacketWalk): readonly string[] {
  if (!rule || !result.untracked || isCalicoChain(rule.chain) || packet.protocol !== protocols.tcp) return [];
  return [
    `${node} does not track the answers of this flow: ${ruleWords(rule)} ("${rule.text}"). Connections open, and ` +
      `then ${node} takes the next packets of the client as invalid, which Calico drops. The test packets do not ` +
      `show it: no data was sent. To do next on ${node}: ${listRule(rule)}; conntrack -L -d ${packet.source}`,
  ];
}

/** In another zone there is no such connection (nf_conntrack_zones.h). */
function zoneNotes({ node, packet, result, zonedBy: rule }: PacketWalk): readonly string[] {
  // Where programs decide, no packet comes to the filters.
  if (!rule || result.trail.length === 0 || isCalicoChain(rule.chain) || packet.protocol !== protocols.tcp) return [];
  return [
    `${node} looks for the answers of this flow in another zone of connection tracking than for what they answer: ` +
      `${ruleWords(rule)} ("${rule.text}"). It knows no connection there, and takes the answers as invalid. To do ` +
      `next on ${node}: ${listRule(rule)}; conntrack -L -d ${packet.source}`,
  ];
}
