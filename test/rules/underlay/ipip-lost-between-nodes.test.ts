import { ipipLostBetweenNodes as rule } from '../../../src/rules/underlay/ipip-lost-between-nodes.ts';
import { captured } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { lostRows } from './lost-rows.ts';

testRule(rule, {
  lab: 'ipip-blocked',
  rows: [
    [
      'fails: as captured',
      () => captured('ipip-blocked-legacy'),
      [{ finding: 'lost NodePair n2→n1 @- capture stops', lacks: ['nodeAnswers:n1', 'nodeAnswers:n2'] }],
    ],
    ...lostRows('ipip', await captured('healthy-legacy')),
  ],
});
