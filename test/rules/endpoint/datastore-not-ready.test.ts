import type { Datastore } from '../../../src/model/control-plane.ts';
import { datastoreNotReady as rule } from '../../../src/rules/endpoint/datastore-not-ready.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const inState = (state: Datastore['state']) => changed(facts, { datastore: { ...valueOf(facts, 'datastore'), state } });

testRule(rule, {
  lab: 'datastore-locked',
  rows: [
    ['fails where it is locked', () => inState('locked'), ['locked Datastore ClusterInformation default @- read']],
    ['passes where it says that it is ready', () => inState('ready'), 'pass'],
    ['not said is neither', () => inState('unknown'), 'not-applicable'],
    ['inconclusive: not read', () => blind(facts, ['datastore']), 'inconclusive'],
  ],
});
