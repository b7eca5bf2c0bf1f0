/**
 * Does one rule of a policy or profile match a packet, as Felix renders it for the packet's family
 * (felix/rules/policy.go)?
 */
import type { CalicoRule, EntityRule, IcmpMatch } from '../model/calico.ts';
import { familyOf } from '../model/addresses.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import { isIcmp as isIcmpProtocol, protocolNumber } from '../model/protocols.ts';
import { all, not, type Answer } from './answer.ts';
import { endMatches } from './entity-match.ts';
import type { PacketEnd } from './question.ts';

const knownFields = new Set([
  'action',
  'ipVersion',
  'protocol',
  'notProtocol',
  'icmp',
  'notICMP',
  'source',
  'destination',
  'http',
  'metadata',
]);

export interface MatchQuestion {
  readonly packet: Packet;
  readonly source: PacketEnd;
  readonly destination: PacketEnd;
  /** Of the policy; null: a global one, or a profile. */
  readonly namespace: string | null;
}

export function ruleMatches(rule: CalicoRule, question: MatchQuestion): Answer {
  return all(conditions(rule, question));
}

function* conditions(rule: CalicoRule, { packet, source, destination, namespace }: MatchQuestion): Generator<Answer> {
  const strange = Object.keys(rule).find((field) => !knownFields.has(field));
  if (strange !== undefined) yield { unknown: `it matches by ${strange}, which is not understood here` };
  if (rule.ipVersion !== undefined) yield rule.ipVersion === familyOf(packet.destination);
  if (rule.protocol !== undefined) yield isProtocol(packet, rule.protocol);
  if (rule.notProtocol !== undefined) yield not(isProtocol(packet, rule.notProtocol));
  if (rule.icmp) yield isIcmp(packet, rule.icmp);
  if (rule.notICMP)
    yield isIcmpProtocol(packet.protocol)
      ? not(isIcmp(packet, rule.notICMP))
      : rule.protocol === undefined
        ? { unknown: 'it excludes kinds of ICMP and names no protocol' }
        : false;
  yield endMatches(rule.source ?? none, {
    address: packet.source,
    port: packet.sourcePort,
    packet,
    protocol: rule.protocol,
    members: source.members,
    namespace,
  });
  yield endMatches(rule.destination ?? none, {
    address: packet.destination,
    port: packet.destinationPort,
    packet,
    protocol: rule.protocol,
    members: destination.members,
    namespace,
  });
  if (rule.http !== undefined) yield { unknown: 'it matches by HTTP, which no packet filter sees' };
}

const none: EntityRule = {};

function isProtocol(packet: Packet, protocol: string | number): Answer {
  const number = protocolNumber(String(protocol));
  return number === null ? { unknown: `its protocol ${protocol} is not known here` } : packet.protocol === number;
}

function isIcmp(packet: Packet, { type, code }: IcmpMatch): Answer {
  if (!isIcmpProtocol(packet.protocol)) return false;
  if (type === undefined) return true;
  if (packet.icmpType === null) return { unknown: 'the type of the ICMP packet is not known' };
  if (packet.icmpType !== type) return false;
  if (code === undefined) return true;
  return packet.icmpCode === null ? { unknown: 'the code of the ICMP packet is not known' } : packet.icmpCode === code;
}
