import type { NodeAnswers } from '../../../src/model/node-answers.ts';
import { nodeUnreachable as rule } from '../../../src/rules/underlay/node-unreachable.ts';
import { blind, captured, changed, failing, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const working = await captured('healthy-legacy');
const facts = failing(working);
const silent: NodeAnswers = {
  node: 'n1',
  address: '10.0.0.1',
  from: 'n2',
  answers: [],
  neighbour: 'silent',
  control: 'n3',
  itself: 'silent',
};
const asked = (...all: readonly Partial<NodeAnswers>[]): Facts =>
  changed(facts, { 'node-answers': all.map((one) => ({ ...silent, ...one })) });

testRule(rule, {
  lab: { none: 'each connection to such a node waits to its end, longer than a test of the suite may' },
  rows: [
    [
      'passes: the flow works, so the network between the nodes only refuses what the check sends',
      () => changed(working, { 'node-answers': [silent] }),
      'pass',
    ],
    [
      'fails: nothing comes back, and the bot does not reach it',
      () => asked({}),
      [
        {
          finding: 'silent Node n1 @n1 read stops',
          data: { control: 'n3 answers n2. ', arp: 'ARP, nor ' },
          withholds: ['nodeAnswers:n1'],
        },
      ],
    ],
    [
      'fails in a cluster of two nodes, where only the bot is a second witness',
      () => asked({ control: null }),
      [{ finding: 'silent Node n1 @n1 read stops', data: { control: '' } }],
    ],
    [
      'fails: an answer to ARP that the kernel remembers is of before',
      () => asked({ neighbour: 'remembered' }),
      [{ finding: 'silent Node n1 @n1 read stops', data: { arp: '' } }],
    ],
    [
      'fails: nothing comes back, a third node answers, and the bot has no way to it',
      () => asked({ itself: 'unreachable' }),
      ['unreachable Node n1 @n1 read stops'],
    ],
    [
      'inconclusive: the bot has no way to it, which a firewall may say, and no third node answers',
      () => asked({ itself: 'unreachable', control: null }),
      'inconclusive',
    ],
    [
      'inconclusive: it answers the other node, and the bot has no way to it',
      () => asked({ itself: 'unreachable', answers: ['ARP'] }),
      'inconclusive',
    ],
    ['fails: it runs, and is cut off', () => asked({ itself: 'cut-off' }), ['cut-off Node n1 @n1 read stops']],
    [
      'does not apply: only these two do not reach each other',
      () => asked({ itself: 'connected' }, { node: 'n2', from: 'n1', itself: 'connected' }),
      'not-applicable',
    ],
    ['inconclusive: which one is cut off is not known (1)', () => asked({ itself: 'unknown' }), 'inconclusive'],
    [
      'inconclusive: which one is cut off is not known (2)',
      () => asked({ itself: 'cut-off', control: null }),
      'inconclusive',
    ],
    ['inconclusive: it answers the other node, and not the bot', () => asked({ answers: ['ARP'] }), 'inconclusive'],
    ['inconclusive: nobody could ask', () => asked(), 'inconclusive'],
    [
      'inconclusive: pings were lost, and one came back later',
      () => asked({ answers: ['an echo of ping'], itself: 'connected' }),
      'inconclusive',
    ],
    ['passes: they answer', () => asked({ answers: ['TCP port 22'], itself: 'connected' }), 'pass'],
    [
      'does not apply where nothing is silent',
      () => blind(facts, ['node-answers'], 'not-applicable'),
      'not-applicable',
    ],
    ['inconclusive: the other node cannot be asked', () => blind(facts, ['node-answers']), 'inconclusive'],
  ],
});
