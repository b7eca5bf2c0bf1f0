import { vxlanLostBetweenNodes as rule } from '../../../src/rules/underlay/vxlan-lost-between-nodes.ts';
import { captured } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { lostRows } from './lost-rows.ts';

testRule(rule, {
  lab: { none: 'the lab makes no VXLAN cluster yet; test/tunnels/vxlan-lost.test.ts loses VXLAN of the real kernel' },
  rows: lostRows('vxlan', await captured('healthy-vxlan-legacy')),
});
