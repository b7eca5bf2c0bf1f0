import { addressRange, rangeHolds } from '../model/addresses.ts';
import { protocolNumber } from '../model/protocols.ts';
import type { Packet } from '../model/ruleset/packet.ts';

type Answer = 'yes' | 'no' | 'unknown';

/**
 * Does a packet meet the criteria of a program's rule, as the policy dump prints them: `proto=tcp src={10.0.0.1/32}
 * !dports={22,2200-2299}`? A criterion that is not understood makes it `unknown`, unless another one says no.
 */
export function meetsMatch(match: string | null, packet: Packet): Answer {
  if (match === null) return 'yes';
  const answers = match
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => meets(word, packet));
  return answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes';
}

function meets(word: string, packet: Packet): Answer {
  const [, negation, field, value = ''] = /^(!?)([a-z]{1,20})=(.+)$/s.exec(word) ?? [];
  const answer = field === undefined ? 'unknown' : fieldMeets(field, value, packet);
  return negation === '!' ? opposite(answer) : answer;
}

function fieldMeets(field: string, value: string, packet: Packet): Answer {
  switch (field) {
    case 'proto': {
      const protocol = protocolNumber(value);
      return protocol === null ? 'unknown' : said(protocol === packet.protocol);
    }
    case 'src':
      return anyOf(value, (net) => holdsAddress(net, packet.source));
    case 'dst':
      return anyOf(value, (net) => holdsAddress(net, packet.destination));
    case 'sports':
      return anyOf(value, (ports) => holdsPort(ports, packet.sourcePort));
    case 'dports':
      return anyOf(value, (ports) => holdsPort(ports, packet.destinationPort));
    default:
      return 'unknown';
  }
}

/** Of `{a,b,c}`; an empty list holds nothing. */
function anyOf(list: string, holds: (item: string) => Answer): Answer {
  if (!list.startsWith('{') || !list.endsWith('}')) return 'unknown';
  const inside = list.slice(1, -1);
  const answers = inside === '' ? [] : inside.split(',').map(holds);
  return answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no';
}

function holdsAddress(net: string, address: string): Answer {
  const range = addressRange(net);
  return range === null ? 'unknown' : said(rangeHolds(range, address));
}

function holdsPort(text: string, port: number | null): Answer {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (from === undefined || port === null) return 'unknown';
  return said(Number(from) <= port && port <= Number(to));
}

function said(holds: boolean): Answer {
  return holds ? 'yes' : 'no';
}

function opposite(answer: Answer): Answer {
  return answer === 'unknown' ? answer : said(answer === 'no');
}
