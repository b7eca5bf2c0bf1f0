import { expect, test } from '@jest/globals';
import { arpNotes } from '../../src/engine/arp-note.ts';
import { parseNftJson } from '../../src/ruleset/nft/listing.ts';
import { captured, changed, factOf, failing, valueOf, type Facts } from '../support/facts.ts';
import { withPodNetwork, withPodNetworks } from '../support/network-facts.ts';

const failed = changed(withPodNetworks(failing(await captured('healthy-legacy'))), {
  'tried-outcome': { flow: 'fails', judgedPort: 'fails' },
});
const works = { 'tried-outcome': { flow: 'works', judgedPort: 'works' } as const };

/** As nft prints a table with one chain and one rule. */
const listed = (family: string, verdict: 'drop' | 'accept', policy = 'accept', table = 'guard') =>
  parseNftJson(
    JSON.stringify({
      nftables: [
        { table: { family, name: table } },
        { chain: { family, table, name: 'i', type: 'filter', hook: 'input', prio: 0, policy } },
        { rule: { family, table, chain: 'i', handle: 3, expr: [{ [verdict]: null }] } },
      ],
    }),
  );
const onNode = (...listing: Parameters<typeof listed>): Facts => {
  const rulesets = valueOf(failed, 'rulesets@target');
  return changed(failed, {
    'rulesets@target': { ...rulesets, ruleSets: [...rulesets.ruleSets, listed(...listing)] },
  });
};
const inPod = withPodNetwork(failed, 'source-pod-network', {
  filters: { legacy: [], nft: [{ family: 'arp', name: 'guard' }] },
});
const notesOf = (facts: Facts) => arpNotes({ fact: (key: never) => Promise.resolve(factOf(facts, key)) });

test.each<[string, Facts, string]>([
  ['a rule of a node', onNode('arp', 'drop'), 'on n1 can drop ARP'],
  ['a policy of a node', onNode('arp', 'accept', 'drop'), 'To do next on n1: nft -a list table arp guard'],
  ['a table of a pod', inPod, 'ip netns exec cni-1 nft -a list table arp guard'],
])('what can drop ARP is told, with the next command: %s', async (_, facts, told) => {
  const [note = '', ...more] = await notesOf(facts);
  expect(more).toEqual([]);
  expect(note).toContain(told);
});

test.each<[string, Facts]>([
  ['it drops nothing', onNode('arp', 'accept')],
  ["it is Felix's own", onNode('arp', 'drop', 'accept', 'calico-arp')],
  ['it is of another family', onNode('inet', 'drop')],
  ['there is no such table', failed],
  ['the flow works', changed(onNode('arp', 'drop'), works)],
])('nothing is told: %s', async (_, facts) => {
  expect(await notesOf(facts)).toEqual([]);
});
