import { expect, test } from '@jest/globals';
import type { PathStep } from '../../../src/model/ruleset/walk.ts';
import { policyChainsOf } from '../../../src/ruleset/felix/policy-chains.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';

const save = parseIptablesSave(
  `*filter
:cali-tw-cali1 - [0:0]
:cali-fw-cali2 - [0:0]
:cali-gi-one - [0:0]
:cali-pi-a - [0:0]
:cali-pi-b - [0:0]
:cali-po-c - [0:0]
:cali-pri-kns.shop - [0:0]
-A cali-tw-cali1 -m conntrack --ctstate INVALID -j DROP
-A cali-tw-cali1 -j cali-gi-one
-A cali-tw-cali1 -m mark --mark 0x0/0x20000 -j cali-pi-b
-A cali-tw-cali1 -j cali-pri-kns.shop
-A cali-fw-cali2 -j cali-po-c
-A cali-gi-one -j cali-pi-a
COMMIT
`,
  { backend: 'iptables-legacy' },
);
const step = (chain: string): PathStep => ({
  hook: 'FORWARD',
  backend: 'iptables-legacy',
  family: 'ip',
  table: 'filter',
  chain,
  index: 1,
});
const way = [step('cali-FORWARD'), step('cali-fw-cali2'), step('cali-tw-cali1')];

test('the policies of an endpoint, those of its groups, and not its profiles', () => {
  expect(policyChainsOf([save], way, 'ingress')).toEqual(new Set(['cali-gi-one', 'cali-pi-b', 'cali-pi-a']));
});

test('those of the sender, where egress is asked about', () => {
  expect(policyChainsOf([save], way, 'egress')).toEqual(new Set(['cali-po-c']));
});

test('nothing is said of a packet that comes to no endpoint', () => {
  expect(policyChainsOf([save], [step('cali-FORWARD')], 'ingress')).toBeNull();
});
