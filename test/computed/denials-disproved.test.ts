/** A working flow and a walk that drops it contradict each other: the packets are right. */
import { expect, test } from '@jest/globals';
import { rules } from '../../src/rules/registry.ts';
import {
  captured,
  changed,
  droppedBy,
  evaluated,
  factOf,
  failing,
  leg,
  valueOf,
  withWalk,
  type Facts,
} from '../support/facts.ts';

const dropped = async (works: boolean) => {
  const healthy = await captured('healthy-legacy');
  const failed = failing(healthy);
  const facts = works ? changed(failed, { reachability: valueOf(healthy, 'reachability') }) : failed;
  return withWalk(facts, droppedBy(leg(facts, 'target-ingress'), { kind: 'foreign', name: 'FORWARD' }));
};
const classes = async (facts: Facts) => {
  const fact = await factOf(facts, 'denials');
  return fact.status === 'observed' ? fact.value.denied.map((denial) => denial.class) : [];
};
const faults = async (facts: Facts) => {
  const found = await Promise.all(
    rules.map(async (rule) => [rule.id, (await evaluated(rule, facts)).outcome] as const),
  );
  return found.filter(([, outcome]) => outcome.outcome === 'fail').map(([id]) => id);
};

test('a drop of others that a working flow disproves is not a fault', async () => {
  const broken = await dropped(false);
  expect([await classes(broken), await faults(broken)]).toEqual([['foreign'], ['foreign-rule-drops']]);
  const working = await dropped(true);
  expect([await classes(working), await faults(working)]).toEqual([[], []]);
});
