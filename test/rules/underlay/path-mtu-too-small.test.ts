import { describe, expect, test } from '@jest/globals';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { toFinding } from '../../../src/engine/finding.ts';
import type { PathSizes } from '../../../src/model/path-sizes.ts';
import { pathMtuTooSmall as rule } from '../../../src/rules/underlay/path-mtu-too-small.ts';
import { ruled, save } from '../../support/changed-nodes.ts';
import { blind, captured, changed, droppedBy, evaluated, leg, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { limitedWay, sizedWay, sizesOf } from '../../support/sizes.ts';

const healthy = await captured('healthy-legacy');
const on = (sizes: PathSizes, facts = healthy) => changed(facts, { 'path-sizes': sizes });
const oneNode = () => {
  const flow = valueOf(healthy, 'flow');
  return changed(healthy, { flow: { ...flow, source: { ...flow.source, node: flow.destination.node } } });
};
const lost = { left: 2, arrived: 0, smallArrived: 4 };
const arrived = { left: 4, arrived: 4, smallArrived: 4 };
const both = [limitedWay('flow'), limitedWay('request'), limitedWay('reply')];
const silent = { passed: null, lost: 84, samples: { passed: 0, lost: 6 } };
const own = { interface: 'cali1', fromNode: 'n1', toNode: 'n1', to: 'default/mypod', headerBytes: 0 };

const filtered = changed(healthy, {
  'large-drops': [
    droppedBy(
      leg(healthy, 'target-ingress'),
      { kind: 'foreign', name: 'FORWARD', direction: null },
      { chain: 'FORWARD' },
    ),
  ],
});

testRule(rule, {
  lab: 'path-mtu-small',
  rows: [
    ['does not apply where a rule of a node takes large packets', () => on(sizesOf(both), filtered), 'not-applicable'],
    [
      'fails beside such a rule: captures show that large packets are lost between the nodes',
      () => on(sizesOf(both, { seen: { there: lost, back: arrived } }), filtered),
      ['lost NodePair n2→n1 @- capture stops'],
    ],
    [
      'fails: captures show both directions',
      () => on(sizesOf(both, { seen: { there: lost, back: lost } })),
      ['lost NodePair n2→n1 @- capture stops', 'lost NodePair n1→n2 @- capture stops'],
    ],
    [
      'fails: captures show the way there, and the answers come',
      () => on(sizesOf(both, { seen: { there: lost, back: arrived } })),
      [
        {
          finding: 'lost NodePair n2→n1 @- capture stops',
          data: { wire: '1400', passed: '1380', lostSize: '1381', left: '2', arrived: '0' },
        },
      ],
    ],
    [
      'fails: captures show the way back',
      () => on(sizesOf([limitedWay('reply')], { seen: { there: arrived, back: lost } })),
      ['lost NodePair n1→n2 @- capture stops'],
    ],
    [
      'fails: nobody captured',
      () => on(sizesOf([limitedWay('reply'), limitedWay('request')])),
      ['unanswered NodePair n2→n1 @- inferred stops'],
    ],
    ...(
      [
        ['the small ones were not captured either', { ...lost, smallArrived: 0 }],
        ['too few left', { ...lost, left: 1 }],
        ['all arrived', arrived],
      ] as const
    ).map(([what, seen]): RuleRow => [
      `fails, with no direction: ${what}`,
      () => on(sizesOf(both, { seen: { there: seen, back: { ...arrived, left: 0, arrived: 0 } } })),
      ['unanswered NodePair n2→n1 @- inferred stops'],
    ]),
    [
      'fails: the nodes reach each other, and an interface takes less than its pod sends',
      () =>
        on(
          sizesOf([
            limitedWay('flow'),
            sizedWay('request'),
            sizedWay('reply'),
            sizedWay('own-node', { ...own, told: 1400, passed: 1400, full: 1400 }),
          ]),
        ),
      ['interface Interface cali1 on n1 @n1 inferred stops'],
    ],
    [
      "fails: a node's own packets to its pod",
      () => on(sizesOf([sizedWay('request'), sizedWay('reply'), limitedWay('own-node', own)])),
      ['interface Interface cali1 on n1 @n1 inferred stops'],
    ],
    [
      'fails: between two pods of one node, nobody knows where',
      () => on(sizesOf([limitedWay('flow', { headerBytes: 0 }), sizedWay('own-node', own)]), oneNode()),
      ['ends Pod default/mypod @- inferred stops'],
    ],
    ['passes: full-sized packets there and back', () => on(sizesOf([sizedWay('flow'), sizedWay('reply')])), 'pass'],
    [
      'passes: in pieces, where a policy denies pings',
      () => on(sizesOf([sizedWay('request'), sizedWay('own-node', own), sizedWay('reply')])),
      'pass',
    ],
    [
      'passes: a hop says how much it takes, so senders adapt',
      () =>
        on(sizesOf([sizedWay('flow', { told: 1400, full: 1400, passed: 1400 }), sizedWay('back'), sizedWay('reply')])),
      'pass',
    ],
    [
      'passes: one of several full-sized packets was lost by chance',
      () => on(sizesOf([sizedWay('flow', { lost: 1480, unsteady: true }), sizedWay('reply')])),
      'pass',
    ],
    ['passes: on one node', () => on(sizesOf([sizedWay('flow')]), oneNode()), 'pass'],
    [
      'inconclusive: losses that the size does not decide',
      () => on(sizesOf([limitedWay('flow', { passed: 1400, unsteady: true }), sizedWay('reply')])),
      'inconclusive',
    ],
    [
      'inconclusive: one lost packet is too few',
      () => on(sizesOf([limitedWay('flow', { samples: { passed: 9, lost: 2 } }), sizedWay('reply')])),
      'inconclusive',
    ],
    [
      'inconclusive: a hop said that it takes less: nothing vanishes',
      () => on(sizesOf([limitedWay('flow', { told: 1380 }), sizedWay('reply')])),
      'inconclusive',
    ],
    [
      'inconclusive: no ping is answered, as where a firewall drops them',
      () => on(sizesOf([sizedWay('flow', silent), sizedWay('reply', silent)])),
      'inconclusive',
    ],
    [
      'fails: the pod sends more than its interface takes, which says what it takes to those who send to it',
      () =>
        on(
          sizesOf([
            sizedWay('flow', { told: 1400, full: 1400, passed: 1400 }),
            sizedWay('reply'),
            limitedWay('back', { from: 'default/mypod', passed: 1404, lost: 1405 }),
            sizedWay('own-node', { ...own, told: 1400, passed: 1400, full: 1400 }),
          ]),
        ),
      ['interface Interface cali1 on n1 @n1 inferred stops'],
    ],
    [
      'inconclusive: less gets in, and nobody tried what gets out',
      () => on(sizesOf([sizedWay('flow', { told: 1400, full: 1400, passed: 1400 }), sizedWay('reply')])),
      'inconclusive',
    ],
    ['inconclusive: the way back was not tried', () => on(sizesOf([sizedWay('flow')])), 'inconclusive'],
    [
      "inconclusive: the last hop was not tried, and the nodes' packets do not go it",
      () => on(sizesOf([sizedWay('request'), sizedWay('reply')])),
      'inconclusive',
    ],
    ['inconclusive: nothing could be sent', () => on(sizesOf([], { untried: ['no ping'] })), 'inconclusive'],
    ['inconclusive: sizes are not known', () => blind(healthy, ['path-sizes'], 'command-failed'), 'inconclusive'],
    [
      'does not apply: small packets get no answer either',
      () => blind(healthy, ['path-sizes'], 'not-applicable'),
      'not-applicable',
    ],
    [
      'does not apply: without a flow',
      () => blind(on(sizesOf([sizedWay('flow')])), ['flow'], 'not-applicable'),
      'not-applicable',
    ],
  ],
});

const adviceOf = async (facts: Facts) => {
  const [finding] = findingsOf(await evaluated(rule, facts));
  if (!finding) throw new Error('nothing was found');
  return toFinding({ rule, finding }).advice;
};

describe("a node's own rule that drops the message of too large packets", () => {
  const sized = on(sizesOf(both, { seen: { there: lost, back: arrived } }));
  test.each([
    ['-A INPUT -p icmp -m icmp --icmp-type 3/4 -j DROP', 'INPUT', 'target', 'n1'],
    [
      '-A FORWARD -p icmp -m icmp --icmp-type 3 -j REJECT --reject-with icmp-admin-prohibited',
      'FORWARD',
      'source',
      'n2',
    ],
  ] as const)('is shown first, and its owner is asked: %s', async (line, chain, place, node) => {
    const advice = await adviceOf(ruled(place, save('filter', line))(sized));
    expect(advice?.who).toBe(`the owner of the firewall on ${node}`);
    expect(advice?.commands[0]).toMatch(new RegExp(`^iptables-nft-save -c .*-A ${chain} .* # rule 1 can drop`));
    expect(advice?.commands[1]).toMatch(/^tracepath /);
  });

  test.each([
    '-A INPUT -p icmp -m icmp --icmp-type 3/1 -j DROP',
    '-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP',
    '-A INPUT -p icmp -m icmp --icmp-type 3/4 -j ACCEPT',
    '-A INPUT -p icmp -j DROP',
  ])('is not this one: %s', async (line) => {
    const advice = await adviceOf(ruled('target', save('filter', line))(sized));
    expect(advice?.who).toBe('the team of the network between the nodes');
  });

  test.each([['rulesets@target'], ['rulesets@source']] as const)('is not known without %s', async (key) => {
    expect((await adviceOf(blind(sized, [key])))?.who).toBe('the team of the network between the nodes');
  });
});
