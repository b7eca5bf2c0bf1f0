import type { SetDirection } from '../../model/ruleset/matches.ts';
import type { Packet } from '../../model/ruleset/packet.ts';
import type { PacketSet, SetElement, SetPart } from '../../model/ruleset/sets.ts';
import { addressValue, rangeHolds } from '../../model/addresses.ts';
import { hasPorts, isIcmp } from '../../model/protocols.ts';
import { dimensions } from './elements.ts';

/** Yes, no, or why neither is known. */
export type Ternary = boolean | string;

/**
 * Is the packet in the set, read in these directions? As the kernel asks: the most specific element that fits decides,
 * and one with `nomatch` says no; fewer directions than the set has dimensions never match.
 * @param find resolves the members of a list:set
 */
export function inSet(
  set: PacketSet,
  packet: Packet,
  directions: readonly SetDirection[],
  find: (name: string) => PacketSet | undefined,
): Ternary {
  if (set.family && set.family !== (addressValue(packet.source)?.width === 128 ? 'ip6' : 'ip')) return false;
  const list = set.type.startsWith('list:');
  if (!list && directions.length < dimensions(set.type).length) return false;
  if (set.elements === null) return testedAnswer(set, packet, directions);
  if (list) return inElements(set.elements, (element) => inListed(element, packet, directions, find));
  const asked = [directions, ...askedFields.map((field) => packet[field])].join(' ');
  const known = lastAnswers.get(set);
  if (known?.asked === asked) return known.answer;
  const answer = inElements(set.elements, (element) => elementFits(element, packet, directions));
  lastAnswers.set(set, { asked, answer });
  return answer;
}

/** The fields of a packet that decide whether an element fits. */
const askedFields = [
  'source',
  'destination',
  'protocol',
  'sourcePort',
  'destinationPort',
  'icmpType',
  'icmpCode',
  'inInterface',
  'outInterface',
  'mark',
] as const;
/** Thousands of rules may ask the same of one large set. */
const lastAnswers = new WeakMap<PacketSet, { readonly asked: string; readonly answer: Ternary }>();

function inElements(elements: readonly SetElement[], fitsIn: (element: SetElement) => Ternary): Ternary {
  let undecided: string | null = null;
  const ordered = elements.some(({ exception }) => exception) ? elements.toSorted(bySpecificity) : elements;
  for (const element of ordered) {
    const fits = fitsIn(element);
    if (fits === true) return undecided ?? !element.exception;
    if (fits !== false) undecided ??= fits;
  }
  return undecided ?? false;
}

function elementFits(element: SetElement, packet: Packet, directions: readonly SetDirection[]): Ternary {
  let undecided: string | null = null;
  for (const [at, part] of element.parts.entries()) {
    const fits = partFits(part, packet, directions[at] ?? 'src');
    if (fits === false) return false;
    if (fits !== true) undecided ??= fits;
  }
  return undecided ?? true;
}

function partFits(part: SetPart, packet: Packet, direction: SetDirection): Ternary {
  switch (part.kind) {
    case 'net':
      return rangeHolds(part, direction === 'src' ? packet.source : packet.destination);
    case 'port':
      return portFits(part, packet, direction);
    case 'interface': {
      const name = direction === 'src' ? packet.inInterface : packet.outInterface;
      return name === null ? 'an interface of the packet is not known' : name === part.name;
    }
    case 'mark':
      return (packet.mark & part.mask) >>> 0 === part.value;
    default:
      return 'this kind of set element is not understood';
  }
}

function portFits(
  { protocol, from, to }: SetPart & { kind: 'port' },
  packet: Packet,
  direction: SetDirection,
): Ternary {
  if (protocol === null ? !hasPorts(packet.protocol) : protocol !== packet.protocol) return false;
  const port = elementPort(packet, direction);
  return port === null ? 'a port of the packet is not known' : from <= port && port <= to;
}

/**
 * Returns the number that stands for the packet's port in a set: type and code for ICMP, 0 for a protocol without
 * ports.
 */
function elementPort(packet: Packet, direction: SetDirection): number | null {
  if (isIcmp(packet.protocol)) {
    return packet.icmpType === null ? null : packet.icmpType * 256 + (packet.icmpCode ?? 0);
  }
  if (!hasPorts(packet.protocol)) return 0;
  return direction === 'src' ? packet.sourcePort : packet.destinationPort;
}

function inListed(
  element: SetElement,
  packet: Packet,
  directions: readonly SetDirection[],
  find: (name: string) => PacketSet | undefined,
): Ternary {
  const [part] = element.parts;
  const set = part?.kind === 'set' ? find(part.name) : undefined;
  if (!set) return 'a set in the list is not in the save';
  // The kernel refuses a list inside a list: one that holds itself would never end.
  return set.type.startsWith('list:') ? 'a list of sets holds another list' : inSet(set, packet, directions, find);
}

function testedAnswer(set: PacketSet, packet: Packet, directions: readonly SetDirection[]): Ternary {
  const kinds = dimensions(set.type);
  const asked = kinds
    .map((kind, at) => {
      const direction = directions[at] ?? 'src';
      if (kind === 'port') return `${packet.protocol}:${elementPort(packet, direction)}`;
      return direction === 'src' ? packet.source : packet.destination;
    })
    .join(',');
  return (
    set.tested.find(({ element }) => numbered(element) === asked)?.member ??
    `the members of the set ${set.name} were not read`
  );
}

function numbered(element: string): string {
  return element.replace(/\btcp:/, '6:').replace(/\budp:/, '17:');
}

function bySpecificity(a: SetElement, b: SetElement): number {
  const [left, right] = [prefixes(a), prefixes(b)];
  for (const [at, prefix] of left.entries()) {
    const difference = (right[at] ?? 0) - prefix;
    if (difference !== 0) return difference;
  }
  return 0;
}

function prefixes({ parts }: SetElement): number[] {
  return parts.flatMap((part) => (part.kind === 'net' ? [part.prefix ?? 128] : []));
}
