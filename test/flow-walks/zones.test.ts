import { expect, test } from '@jest/globals';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import { decidedElsewhere } from '../../src/flow-walks/undecided.ts';
import { changedNotes } from '../../src/engine/changed-notes.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../src/ruleset/nft/listing.ts';
import { captured, valueOf } from '../support/facts.ts';
import { nodesOf } from './walked.ts';

const facts = await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } });
/** The recorded flow, with rules that give packets zones of connection tracking on the client's node. */
const zoned = (...rules: readonly string[]) => {
  const { target, source } = nodesOf(facts);
  const save = ['*raw', ':PREROUTING ACCEPT [0:0]', ...rules.map((rule) => `-A PREROUTING ${rule}`), 'COMMIT', ''];
  const raw = parseIptablesSave(save.join('\n'), { backend: 'iptables-nft' });
  const rulesets = { ...source.rulesets, ruleSets: [...source.rulesets.ruleSets, raw] };
  return walkLegs(valueOf(facts, 'flow'), target, { ...source, rulesets });
};
const told = (...rules: readonly string[]) =>
  zoned(...rules).flatMap(({ leg, zonedBy }) => (zonedBy ? [`${leg} ${zonedBy.text}`] : []));

test('a zone for one direction alone keeps a node from knowing the connection', () => {
  expect(told('-s 10.244.1.5/32 -j CT --zone 7')).toEqual([
    'reply-source-ingress -A PREROUTING -s 10.244.1.5/32 -j CT --zone 7',
  ]);
  expect(told('-d 10.244.1.5/32 -j CT --zone 7')).toEqual([
    'reply-source-ingress -A PREROUTING -d 10.244.1.5/32 -j CT --zone 7',
  ]);
  expect(told('-s 10.244.1.5/32 -j CT --zone 7', '-d 10.244.1.5/32 -j CT --zone 8')).toHaveLength(1);
});

test('no zone is told that both directions have, that is of one by design, or of other packets', () => {
  expect(told('-j CT --zone 7')).toEqual([]);
  expect(told('-s 10.244.1.5/32 -j CT --zone 0')).toEqual([]);
  expect(told('-d 10.244.1.5/32 -j CT --zone-orig 7')).toEqual([]);
  expect(told('-s 10.244.9.9/32 -j CT --zone 7')).toEqual([]);
  expect(told('-s 10.244.1.5/32 -j CT --notrack')).toEqual([]);
});

test('nftables names its rule, too', () => {
  const of = { family: 'ip', table: 'zones' };
  const set = { mangle: { key: { ct: { key: 'zone' } }, value: 7 } };
  const isAnswer = {
    match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '10.244.1.5' },
  };
  const nftables = [
    { table: { family: 'ip', name: 'zones', handle: 1 } },
    { chain: { ...of, name: 'pre', handle: 1, type: 'filter', hook: 'prerouting', prio: -300, policy: 'accept' } },
    { rule: { ...of, chain: 'pre', handle: 2, expr: [isAnswer, set] } },
  ];
  const { target, source } = nodesOf(facts);
  const ruleSets = [...source.rulesets.ruleSets, parseNftJson(JSON.stringify({ nftables }))];
  const walks = walkLegs(valueOf(facts, 'flow'), target, { ...source, rulesets: { ...source.rulesets, ruleSets } });
  expect(walks.flatMap(({ zonedBy }) => zonedBy?.text ?? [])).toEqual([expect.stringContaining('ct zone set 7')]);
});

test('the rule is told with its next command where the flow fails', () => {
  const walks = zoned('-s 10.244.1.5/32 -j CT --zone 7');
  expect(changedNotes(walks, true, () => true)).toEqual([]);
  expect(
    changedNotes(
      walks.map((walk) => decidedElsewhere(walk, 'eBPF')),
      false,
      () => true,
    ),
  ).toEqual([]);
  expect(changedNotes(walks, false, () => true)).toEqual([
    'n2 looks for the answers of this flow in another zone of connection tracking than for what they answer: rule 1 ' +
      'of raw PREROUTING ("-A PREROUTING -s 10.244.1.5/32 -j CT --zone 7"). It knows no connection there, and takes ' +
      "the answers as invalid. To do next on n2: iptables-nft-save -c | grep -- '-A PREROUTING '; conntrack -L -d " +
      '10.244.1.5',
  ]);
});
