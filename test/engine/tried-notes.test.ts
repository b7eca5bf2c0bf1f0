import { describe, expect, test } from '@jest/globals';
import { triedNotes } from '../../src/engine/tried-notes.ts';
import { decidedElsewhere } from '../../src/flow-walks/undecided.ts';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { blind, captured, changed, droppedBy, factOf, leg, valueOf, withWalk, type Facts } from '../support/facts.ts';
import { policy } from '../support/ways.ts';

const healthy = await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } });
const facts = changed(healthy, { 'tried-outcome': { flow: 'works', judgedPort: 'works' } });
const flow = valueOf(facts, 'flow');

const notesOf = (of: Facts) => triedNotes({ fact: (key) => factOf(of, key) });

/** The walks where the target's node has these rules in FORWARD, before Calico's own. */
const behind = (...rules: readonly string[]) => walked('target', 'filter', 'FORWARD', ...rules);

function walked(at: 'target' | 'source', table: string, chain: string, ...rules: readonly string[]): Facts {
  const own = parseIptablesSave(
    `*${table}\n:${chain} ACCEPT [0:0]\n${rules.map((rule) => `-A ${chain} ${rule}\n`).join('')}COMMIT\n`,
    { backend: 'iptables-nft' },
  );
  const nodeAt = (place: 'target' | 'source') => ({
    rulesets: valueOf(facts, `rulesets@${place}`),
    routes: valueOf(facts, `routes@${place}`),
    links: valueOf(facts, `links@${place}`),
  });
  const place = nodeAt(at);
  const node = { ...place, rulesets: { ...place.rulesets, ruleSets: [own, ...place.rulesets.ruleSets] } };
  const [target, source] = at === 'target' ? [node, nodeAt('source')] : [nodeAt('target'), node];
  return changed(facts, { walks: walkLegs(flow, target, source) });
}

const byContent = '-p tcp -m tcp --dport 8080 -m string --string "evil" --algo bm --to 65535 -j DROP';

test('a rule that reads what packets hold is told: only connections were opened', async () => {
  const [note, ...more] = await notesOf(behind(byContent));
  expect(more).toEqual([]);
  expect(note).toContain(`n1: -A FORWARD ${byContent} (the packet's content is not known)`);
  expect(note).toContain('connections were opened, and no data was sent');
});

test.each<[string, string]>([
  ['reads contents', byContent],
  ['hands packets to a program', '-p tcp -m tcp --dport 8080 -j NFQUEUE --queue-num 7'],
  ['drops what is beyond a rate', '-p tcp -m limit --limit 1/hour -j DROP'],
  ['answers handshakes itself', '-p tcp -m tcp --dport 8080 -j SYNPROXY --sack-perm --wscale 7 --mss 1460'],
  ['reads the time to live', '-p tcp -m tcp --dport 8080 -m ttl --ttl-lt 62 -j DROP'],
])('where the flow fails, a rule that %s is named, and nothing is claimed of it', async (_, rule) => {
  const failing = changed(behind(rule), { 'tried-outcome': { flow: 'fails', judgedPort: 'fails' } });
  const [note, ...more] = await notesOf(failing);
  expect(more).toEqual([]);
  expect(note).toContain(`n1: -A FORWARD ${rule} (`);
  expect(note).toContain('The rule sets do not say whether they ended the test packets.');
  expect(note).toMatch(/run iptables-(?:legacy|nft)-save -c \| grep -- '-A FORWARD ' on n1 before and after/);
});

test('a rule that drops what is left by one with a rate is named, with that one', async () => {
  const rate = '-p tcp -m tcp --dport 8080 -m limit --limit 1/hour --limit-burst 1 -j RETURN';
  const [note, ...more] = await notesOf(behind(rate, '-p tcp -m tcp --dport 8080 -j DROP'));
  expect(more).toEqual([]);
  expect(note).toContain(`n1: -A FORWARD -p tcp -m tcp --dport 8080 -j DROP (behind -A FORWARD ${rate}: how much`);
});

test('of many such rules some are named, and the others counted', async () => {
  const rules = [1, 2, 3, 4, 5].map((at) => `-m statistic --mode nth --every ${at + 1} --packet 0 -j DROP`);
  const [note] = await notesOf(behind(...rules));
  expect(note?.match(/--every/g)).toHaveLength(3);
  expect(note).toContain('and 2 more');
});

test.each<[string, Facts]>([
  ['nothing is undecided', facts],
  ['the rule lets packets pass', behind(byContent.replace('DROP', 'ACCEPT'))],
  ['the rule is for another port', behind(byContent.replace('8080', '80'))],
  ['there is no flow', blind(facts, ['flow'])],
  ['the node was not walked', blind(facts, ['walks'])],
])('nothing is said: %s', async (_, of) => {
  expect(await notesOf(of)).toEqual([]);
});

test('where counters decided that the rule ended the packets, the finding says it, and no note doubts it', async () => {
  const failing = changed(behind(byContent), { 'tried-outcome': { flow: 'fails', judgedPort: 'fails' } });
  const ingress = leg(failing, 'target-ingress');
  const [rule] = ingress.result.ends.flatMap((end) => (end.rule && end.decision !== 'accept' ? [end.rule] : []));
  expect(rule?.text).toContain('evil');
  const counted = { ...ingress, result: { ...droppedBy(ingress, { kind: 'foreign', name: 'FORWARD' }, rule).result } };
  const { denied } = valueOf({ denials: await factOf(withWalk(failing, counted), 'denials') }, 'denials');
  expect(denied).toHaveLength(1);
  expect(await notesOf(changed(failing, { denials: { denied, open: [], notCompared: null } }))).toEqual([]);
});

describe('a source address that the node gives to the packets', () => {
  const failing = changed(facts, { 'tried-outcome': { flow: 'fails', judgedPort: 'fails' } });
  const given = (now: string, of = failing) => {
    const ingress = leg(of, 'target-ingress');
    const rewritten = {
      asked: flow.source.address,
      now,
      by: 'nat POSTROUTING: -j SNAT',
      decisionAsAsked: 'accept' as const,
    };
    return withWalk(of, { ...ingress, rewritten });
  };
  test('is told where the node has no such address, and the flow fails', async () => {
    expect(await notesOf(given('10.66.6.6'))).toEqual([
      'n2 gives the packets the source address 10.66.6.6 (nat POSTROUTING: -j SNAT), and has no such address. Answers to ' +
        '10.66.6.6 come back to n2 only if the network leads them there. To do next on n2: ' +
        'tcpdump -p -ni any host 10.66.6.6',
    ]);
  });
  test.each<[string, Facts]>([
    ['it is one of its own', given(flow.source.nodeAddress ?? '')],
    ['the flow works', given('10.66.6.6', facts)],
    ['its addresses were not read', blind(given('10.66.6.6'), ['links@source'])],
  ])('is not told: %s', async (_, of) => {
    expect(await notesOf(of)).toEqual([]);
  });
});

const notWorking = (of: Facts) => changed(of, { 'tried-outcome': { flow: 'fails', judgedPort: 'fails' } });

describe('a rule that changes what answers depend on', () => {
  const toNode = walked('source', 'nat', 'POSTROUTING', '-j MASQUERADE');
  const toOther = walked('target', 'nat', 'POSTROUTING', '-p tcp -j SNAT --to-source 203.0.113.9');
  const notrack = '-p tcp -m tcp --sport 8080 -j CT --notrack';
  const untracked = walked('target', 'raw', 'PREROUTING', notrack);

  test.each<[string, Facts, string, string]>([
    ["at the source's node", toNode, '10.244.2.7', 'n2'],
    ["at the target's node", toOther, '10.244.2.7', 'n1'],
  ])('is named with its place where the flow fails: another source address %s', async (_, of, from, node) => {
    const [note, ...more] = await notesOf(notWorking(of));
    expect(more).toEqual([]);
    const rule = String.raw`rule 1 of nat POSTROUTING \("-A POSTROUTING .*(?:MASQUERADE|--to-source 203\.0\.113\.9)"\)`;
    expect(note).toMatch(
      new RegExp(
        `^${node} gives packets from ${from} to \\S+ the source address [0-9.]+: ${rule}. ` +
          `The way of answers to [0-9.]+ was not checked. To do next on ${node}: iptables-nft-save -c `,
      ),
    );
  });

  test('is not told twice where its address is one that the node does not have', async () => {
    const strange = walked('source', 'nat', 'POSTROUTING', '-p tcp -j SNAT --to-source 203.0.113.9');
    expect(await notesOf(notWorking(strange))).toEqual([
      expect.stringMatching(/^n2 gives the packets the source address 203\.0\.113\.9 \(.*, and has no such address\./),
    ]);
  });

  test.each([
    ['works', untracked],
    ['fails', notWorking(untracked)],
  ])('is named where the flow %s: answers alone are not tracked', async (_, of) => {
    expect(await notesOf(of)).toEqual([
      `n1 does not track the answers of this flow: rule 1 of raw PREROUTING ("-A PREROUTING ${notrack}"). Connections ` +
        'open, and then n1 takes the next packets of the client as invalid, which Calico drops. The test packets do ' +
        "not show it: no data was sent. To do next on n1: iptables-nft-save -c | grep -- '-A PREROUTING '; " +
        `conntrack -L -d ${flow.destination.address}`,
    ]);
  });

  test.each<[string, Facts]>([
    ['the flow works with its other source address', toNode],
    [
      'programs of eBPF decide, and no packet filter',
      changed(notWorking(toNode), { walks: valueOf(toNode, 'walks').map((one) => decidedElsewhere(one, 'eBPF')) }),
    ],
    [
      'requests are not tracked either',
      walked('target', 'raw', 'PREROUTING', notrack, notrack.replace('--sport', '--dport')),
    ],
    ['the answers of another port are not tracked', walked('target', 'raw', 'PREROUTING', notrack.replace('80', '90'))],
  ])('nothing is said: %s', async (_, of) => {
    expect(await notesOf(of)).toEqual([]);
  });
});

const users = policy(['90:	from all uidrange 1000-2000 lookup 52']);

test("a rule for users is told where a node's own packets were sent", async () => {
  const own = changed(facts, {
    flow: { ...flow, source: { ...flow.source, interface: null } },
    'routing@source': users,
    'routing@target': users,
  });
  expect(await notesOf(own)).toEqual([
    'Routing rule 90 of n2 (from all uidrange 1000-2000 lookup 52) depends on the user that sends. The test packets of ' +
      'the node are sent by root. To do next on n2: ip route get ADDRESS uid USER',
  ]);
});

test.each<[string, Facts]>([
  ["those of pods, which the kernel counts as root's", changed(facts, { 'routing@source': users })],
  [
    'sent by anybody',
    changed(facts, {
      flow: { ...flow, source: { ...flow.source, interface: null } },
      'routing@source': policy(['90:	from all uidrange 0-4294967294 lookup 52']),
    }),
  ],
])('nothing is said of a rule for users where the packets are %s', async (_, of) => {
  expect(await notesOf(of)).toEqual([]);
});
