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

/** The mark by which a packet of the flow is routed where the source's node has this one rule in mangle. */
function markedBy(chain: string, match: string, of: WayOf) {
  const question = questions.source.find((one) => one.of === of);
  if (!question) throw new Error(`${of} is not asked about`);
  const mangle = parseIptablesSave(
    `*mangle\n:${chain} ACCEPT [0:0]\n-A ${chain} ${match} -j MARK --set-xmark 0x2/0x2\nCOMMIT\n`,
    { backend: 'iptables-nft' },
  );
  const rulesets = valueOf(facts, 'rulesets@source');
  return routedMark(question, flow, { ...rulesets, ruleSets: [mangle] }, nodeAt('source').links);
}
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
  expect(markedBy('OUTPUT', '-p 4 -m bpf --object-pinned /x', 'source-outer').doubt).toContain('not certain');
});
