/** A working flow and a walk that drops it contradict each other: the packets are right. */
import { expect, test } from '@jest/globals';
import type { Owner } from '../../src/model/ruleset/owner.ts';
import type { RuleRef } from '../../src/model/ruleset/walk.ts';
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

const foreign = { kind: 'foreign', name: 'FORWARD' } as const;
const wayBack = {
  rule: { table: 'raw', chain: 'cali-PREROUTING', text: '-m rpfilter --validmark --invert -j DROP' },
  owner: { kind: 'calico-static', name: 'cali-PREROUTING' },
} as const;
const dropped = async (works: boolean, owner: Pick<Owner, 'kind' | 'name'> = foreign, rule: Partial<RuleRef> = {}) => {
  const healthy = await captured('healthy-legacy');
  const failed = failing(healthy);
  const facts = works ? changed(failed, { reachability: valueOf(healthy, 'reachability') }) : failed;
  return withWalk(facts, droppedBy(leg(facts, 'target-ingress'), owner, rule));
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

test("a drop of Calico's check of the way back that a working flow disproves is not a fault", async () => {
  const broken = await dropped(false, wayBack.owner, wayBack.rule);
  expect([await classes(broken), await faults(broken)]).toEqual([['guard'], ['reverse-path-filtered']]);
  const working = await dropped(true, wayBack.owner, wayBack.rule);
  expect([await classes(working), await faults(working)]).toEqual([[], []]);
});
