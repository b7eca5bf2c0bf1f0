import { expect, test } from '@jest/globals';
import { pingsAreDropped } from '../../../src/probes/lib/dropped-pings.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import type { WalkedNode } from '../../../src/flow-walks/walked-node.ts';
import { captured, valueOf } from '../../support/facts.ts';

const facts = await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } });
const nodeAt = (place: 'target' | 'source'): WalkedNode => ({
  rulesets: valueOf(facts, `rulesets@${place}`),
  routes: valueOf(facts, `routes@${place}`),
  links: valueOf(facts, `links@${place}`),
});

test.each<[string, string | null, boolean]>([
  ['no rule of anybody', null, false],
  ['a rule that drops pings', '-p icmp', true],
  ['a rule that drops large packets, whoever sends them', '-m length --length 1300:65535', false],
  [
    'a rule that drops large packets which open a connection: no segment of TCP is one',
    '-m conntrack --ctstate NEW -m length --length 1300:65535',
    true,
  ],
  ['a rule that drops large pings', '-p icmp -m length --length 1300:65535', true],
])('pings say nothing of sizes: %s', async (_, match, expected) => {
  const target = nodeAt('target');
  const own = parseIptablesSave(`*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD ${match} -j DROP\nCOMMIT\n`, {
    backend: 'iptables-nft',
  });
  const ruleSets = [...target.rulesets.ruleSets, ...(match === null ? [] : [own])];
  const node = { ...target, rulesets: { ...target.rulesets, ruleSets } };
  expect(pingsAreDropped(valueOf(facts, 'flow'), node, nodeAt('source'), 1480)).toBe(expected);
});
