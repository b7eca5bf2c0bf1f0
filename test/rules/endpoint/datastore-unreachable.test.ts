import { datastoreUnreachable as rule } from '../../../src/rules/endpoint/datastore-unreachable.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');

testRule(rule, { lab: { none: 'a disturbance shows it: wrong credentials of calicoctl, not a fault of the cluster' }, rows: [
  ['fails, and never stops a flow by itself: Felix goes on with what it has', () => {
    return changed(facts, { datastore: { ...valueOf(facts, 'datastore'), reachable: false, error: 'context deadline exceeded', state: 'unknown' } });
  }, ['unreachable Datastore calicoctl on n1 @n1 read']],
  ...(['healthy-legacy', 'healthy-kdd-nft']).map((name): RuleRow => [`passes: ${name}`, () => captured(name), 'pass']),
  ['inconclusive: calicoctl could not be run there', () => blind(facts, ['datastore'], 'command-failed'), 'inconclusive'],
  ['does not apply to a pod on no node yet', () => blind(facts, ['datastore'], 'not-applicable'), 'not-applicable'],
] });
