import { vxlanLostBetweenNodes as rule } from '../../../src/rules/underlay/vxlan-lost-between-nodes.ts';
import { captured } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { lostRows } from './lost-rows.ts';

testRule(rule, {
  lab: 'vxlan-blocked',
  rows: lostRows('vxlan', await captured('healthy-vxlan-legacy')),
});
