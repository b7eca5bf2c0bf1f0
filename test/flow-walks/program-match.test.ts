import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { meetsMatch } from '../../src/flow-walks/program-match.ts';
import { packetOf } from '../../src/ruleset/walk/packet.ts';

const packet = packetOf({
  source: '10.244.2.7',
  destination: '10.244.1.5',
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 8080,
});

test.each<[string | null, 'yes' | 'no' | 'unknown']>([
  [null, 'yes'],
  ['proto=tcp src={10.244.2.7/32} dports={8080}', 'yes'],
  ['proto=udp dports={8080}', 'no'],
  ['proto=6', 'yes'],
  ['!proto=udp', 'yes'],
  ['proto=tcp dports={22,2200-2299}', 'no'],
  ['proto=tcp dports={22,8000-8080}', 'yes'],
  ['src={10.244.2.0/25} !src={10.244.2.7/32}', 'no'],
  ['src={10.244.2.0/25} !src={10.244.2.200/32}', 'yes'],
  ['dst={169.254.169.254/32}', 'no'],
  ['src={}', 'no'],
  ['!src={}', 'yes'],
  ['!sports={40000}', 'no'],
  ['icmp_type=8', 'unknown'],
  ['proto=udp icmp_type=8', 'no'],
  ['src=set', 'unknown'],
  ['dports={http}', 'unknown'],
  ['proto=constructor', 'unknown'],
])('%s: %s', (match, answer) => {
  expect(meetsMatch(match, packet)).toBe(answer);
});

test('an unknown port decides nothing', () => {
  expect(meetsMatch('dports={8080}', { ...packet, destinationPort: null })).toBe('unknown');
});

test('a negation inverts every certain answer', () => {
  const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(32)).map(([a, b, size]) => `10.244.${a}.${b}/${size}`);
  fc.assert(
    fc.property(fc.array(address, { maxLength: 5 }), (nets) => {
      const answers = [`src={${nets.join(',')}}`, `!src={${nets.join(',')}}`].map((match) => meetsMatch(match, packet));
      expect(answers.toSorted()).toEqual(['no', 'yes']);
    }),
  );
});

test('any other text is unknown, and not an error', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((text) => text.trim() !== '' && !text.includes('=')),
      (text) => {
        expect(meetsMatch(text, packet)).toBe('unknown');
      },
    ),
  );
});
