import { expect, test } from '@jest/globals';
import { routedMark } from '../../src/flow-walks/routed-mark.ts';
import { wayQuestions } from '../../src/flow-walks/way-questions.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import type { WayOf } from '../../src/model/kernel-way.ts';
import { captured, valueOf } from '../support/facts.ts';

const facts = await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } });
const flow = valueOf(facts, 'flow');
const nodeAt = (place: 'target' | 'source') => ({
  links: valueOf(facts, `links@${place}`),
  routes: valueOf(facts, `routes@${place}`),
});
const questions = wayQuestions(flow, nodeAt('target'), nodeAt('source'));

type Place = 'target' | 'source';

/** The marks by which packets of the flow are routed where the node has these rules in mangle. */
function marksBy(place: Place, rules: readonly string[], of: WayOf) {
  const mangle = parseIptablesSave(
    [
      '*mangle',
      ':PREROUTING ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      ...rules,
      'COMMIT',
      '',
    ].join('\n'),
    { backend: 'iptables-nft' },
  );
  const rulesets = { ...valueOf(facts, `rulesets@${place}`), ruleSets: [mangle] };
  const asked = questions[place].filter((one) => one.of === of);
  if (asked.length === 0) throw new Error(`${of} is not asked about`);
  const node = { links: nodeAt(place).links, questions: questions[place] };
  return asked.map((question) => routedMark(question, flow, rulesets, node));
}
const markedBy = (chain: string, match: string, of: WayOf) =>
  marksBy('source', [`-A ${chain} ${match} -j MARK --set-xmark 0x2/0x2`], of)[0];
const other = flow.destination.nodeAddress;

test.each<[string, string, string, WayOf, number]>([
  ["the tunnel's packet, as its node sends it", 'OUTPUT', '-p 4', 'source-outer', 2],
  ["the tunnel's packet to the other node", 'OUTPUT', `-d ${other}/32`, 'source-outer', 2],
  ["the tunnel's packet, by a rule for what it carries", 'OUTPUT', '-p tcp -m tcp --dport 8080', 'source-outer', 0],
  ["the tunnel's packet, by a rule for what comes in", 'PREROUTING', '-p 4', 'source-outer', 0],
  ["the pod's packet", 'PREROUTING', '-p tcp -m tcp --dport 8080', 'source-egress', 2],
  ["the pod's packet, by a rule for the tunnel", 'PREROUTING', '-p 4', 'source-egress', 0],
])('%s: %s %s', (_, chain, match, of, mark) => {
  expect(markedBy(chain, match, of)).toEqual({ mark, doubt: null });
});

test('a mark that an unknown match may set is in doubt', () => {
  expect(markedBy('OUTPUT', '-p 4 -m bpf --object-pinned /x', 'source-outer')?.doubt).toContain('not certain');
});

const restored = '-A PREROUTING -i cali+ -j CONNMARK --restore-mark';
const notCertain = "which mark the packet has is not certain: the connection's mark is not known";

test.each<[string, Place, WayOf, readonly string[], number, string | null]>([
  [
    'of the connection',
    'target',
    'reply-target-egress',
    ['-A POSTROUTING -j CONNMARK --set-xmark 0x4/0x4', restored],
    4,
    null,
  ],
  ['of none', 'target', 'reply-target-egress', [restored], 0, null],
  [
    'of the connection, on the way home',
    'source',
    'reply-source-ingress',
    ['-A PREROUTING -i cali+ -j CONNMARK --set-xmark 0x4/0x4', '-A PREROUTING ! -i cali+ -j CONNMARK --restore-mark'],
    4,
    null,
  ],
  [
    'that depends on the interface of entry',
    'target',
    'reply-target-egress',
    ['-A PREROUTING -i eth0 -j CONNMARK --set-xmark 0x4/0x4', restored],
    0,
    notCertain,
  ],
])('an answer has the mark %s', (_, place, of, rules, mark, doubt) => {
  for (const found of marksBy(place, rules, of))
    expect(found).toEqual({ mark, doubt: doubt === null ? null : expect.stringContaining(doubt) });
});
