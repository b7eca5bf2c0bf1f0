import type { EntityRule } from '../model/calico.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import { addressRange, familyOf, rangeHolds } from '../model/addresses.ts';
import { hasPorts, protocolNumber } from '../model/protocols.ts';
import { all, any, not, type Answer } from './answer.ts';
import { entitySelector, isBad, read } from './entity-selector.ts';
import type { Labelled } from './question.ts';
import { selects } from './selector.ts';

const knownFields = new Set([
  'nets',
  'notNets',
  'ports',
  'notPorts',
  'selector',
  'notSelector',
  'namespaceSelector',
  'serviceAccounts',
  'services',
  'domains',
]);

export interface EndQuestion {
  readonly address: string;
  readonly port: number | null;
  readonly packet: Packet;
  /** The rule's protocol, by which names of ports are looked up. */
  readonly protocol: string | number | undefined;
  readonly members: readonly Labelled[];
  readonly namespace: string | null;
}

export function endMatches(entity: EntityRule, end: EndQuestion): Answer {
  return all(conditions(entity, end));
}

function* conditions(entity: EntityRule, end: EndQuestion): Generator<Answer> {
  const strange = Object.keys(entity).find((field) => !knownFields.has(field));
  if (strange !== undefined) yield { unknown: `it matches by ${strange}, which is not understood here` };
  if (entity.nets && entity.nets.length > 0) yield inNets(entity.nets, end.address);
  if (entity.notNets && entity.notNets.length > 0) yield outsideNets(entity.notNets, end.address);
  const chosen = chooser(entity, end);
  if (chosen) yield any(end.members.map(chosen));
  else if (entity.notSelector) yield not(selectedBy(entity.notSelector, end.members));
  if (entity.ports && entity.ports.length > 0) yield hasPort(entity.ports, end, chosen);
  if (entity.notPorts && entity.notPorts.length > 0) yield not(hasPort(entity.notPorts, end, chosen));
  for (const field of ['services', 'domains'] as const)
    if (entity[field] !== undefined) yield { unknown: `it matches by ${field}, which are not looked up here` };
}

/** Felix renders the nets of one family for it alone, so the others never match. */
function inNets(nets: readonly string[], address: string): Answer {
  return any(nets.map((net) => holds(net, address)));
}

/** Felix leaves out a rule that excludes every address. */
function outsideNets(nets: readonly string[], address: string): Answer {
  const ours = nets.filter((net) => familyOf(net) === familyOf(address));
  return ours.length === 0 ? false : not(inNets(ours, address));
}

function holds(net: string, address: string): Answer {
  const range = addressRange(net);
  return range ? rangeHolds(range, address) : { unknown: `${net} is not a net` };
}

/** Returns whether the rule selects a member of the end; null: the rule does not ask for labels. */
function chooser(entity: EntityRule, { namespace }: EndQuestion): ((member: Labelled) => Answer) | null {
  const selector = entitySelector(entity, namespace);
  if (selector === null) return null;
  if (isBad(selector)) return () => ({ unknown: `"${selector.bad}" is not a selector` });
  return (member) =>
    all([selects(selector, member.labels), entity.notSelector ? not(selectedBy(entity.notSelector, [member])) : true]);
}

function selectedBy(text: string, members: readonly Labelled[]): Answer {
  const selector = read(text);
  if (selector === null || isBad(selector)) return { unknown: `"${text}" is not a selector` };
  return any(members.map(({ labels }) => selects(selector, labels)));
}

/** A port by its number or range, or by the name that a chosen endpoint has for it. */
function hasPort(
  ports: readonly (string | number)[],
  end: EndQuestion,
  chosen: ((member: Labelled) => Answer) | null,
): Answer {
  if (!hasPorts(end.packet.protocol)) return false;
  return any(
    ports.map((port): Answer => {
      const [, first, last = first] = /^(\d+)(?::(\d+))?$/.exec(String(port)) ?? [];
      if (first === undefined)
        return any(end.members.map((member) => all([chosen?.(member) ?? true, hasNamed(String(port), member, end)])));
      if (end.port === null)
        return Number(first) <= 1 && Number(last) >= 65_535 ? true : { unknown: 'the port at this end is not known' };
      return Number(first) <= end.port && end.port <= Number(last);
    }),
  );
}

function hasNamed(name: string, { ports }: Labelled, { port, packet, protocol }: EndQuestion): Answer {
  if (ports === null) return { unknown: `which port is called ${name} at this end is not known` };
  const called = ports.filter((one) => one.name === name && protocolNumber(String(one.protocol)) === packet.protocol);
  if (called.length === 0) return false;
  if (protocol !== undefined && protocolNumber(String(protocol)) !== packet.protocol) return false;
  return port === null ? { unknown: 'the port at this end is not known' } : called.some((one) => one.port === port);
}
