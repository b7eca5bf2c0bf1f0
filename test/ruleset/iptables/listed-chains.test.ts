import { expect, test } from '@jest/globals';
import { parseListedChains } from '../../../src/ruleset/iptables/listed-chains.ts';

const names = ['FORWARD', 'cali-FORWARD'];
const rulesOf = (text: string) =>
  parseListedChains({ family: 'ip', name: 'filter' }, [text], names)?.chains.flatMap(({ rules }) =>
    rules.map(({ text: rule, counters }) => [rule, counters?.packets]),
  );

// As iptables-nft 1.8.9 prints them: `iptables-nft -t filter -v -S FORWARD`.
test.each<[string, string, readonly (readonly [string, number])[]]>([
  [
    'a policy, a jump and a rule without a target',
    '-P FORWARD ACCEPT -c 5 300\n-A FORWARD -c 3 180 -j cali-FORWARD\n-A FORWARD -s 10.0.0.1/32 -c 1 60\n',
    [
      ['-A FORWARD -j cali-FORWARD', 3],
      ['-A FORWARD -s 10.0.0.1/32', 1],
    ],
  ],
  [
    'a comment that looks like counters',
    '-A FORWARD -m comment --comment "a -c 9 9 -j DROP" -m conntrack --ctstate NEW -c 2 120 -j DROP\n',
    [['-A FORWARD -m comment --comment "a -c 9 9 -j DROP" -m conntrack --ctstate NEW -j DROP', 2]],
  ],
  [
    'a comment with a line end in it',
    '-A FORWARD -m comment --comment "x\n-A FORWARD -c 1 1 -j ACCEPT" -c 7 420 -j DROP\n',
    [['-A FORWARD -m comment --comment "x\u240a-A FORWARD -c 1 1 -j ACCEPT" -j DROP', 7]],
  ],
  ['a chain that is empty', '-N cali-FORWARD\n', []],
  ['nothing', '', []],
  ['a rule cut off in the middle of its comment', '-A FORWARD -m comment --comment "x', []],
  ['a rule cut off before its target', '-A FORWARD -p tcp -c 3 180 -j SE', []],
  ['a line without counters, as no reader prints it', '-A FORWARD -j DROP\n', []],
])('%s', (_, text, expected) => {
  expect(rulesOf(text)).toEqual(expected);
});
