import { describe, expect, test } from '@jest/globals';
import { evaluateRule } from '../../src/engine/evaluate.ts';
import { unavailable } from '../../src/model/evidence.ts';
import { anyOf, felixOf, tunnel } from '../../src/model/resource.ts';
import { defineRule, fail, type RawFinding } from '../../src/model/rule.ts';
import { rawFinding } from '../support/raw-finding.ts';

const gathering = {
  fact: async () => unavailable('not-recorded', ''),
  missed: () => [],
  missedEssentials: async () => [],
  usedMemory: () => false,
  place: async () => unavailable('not-recorded', ''),
};
const outcomeOf = async (found: Pick<RawFinding, 'lacks' | 'withholds'>) => {
  const rule = defineRule({
    id: 'r',
    description: '',
    step: 'filter',
    requires: [],
    lacks: ['tunnel'],
    withholds: ['felix'],
    messages: { m: { title: '', detail: '' } },
    judge: () => fail(rawFinding(found)),
  });
  const { outcome } = await evaluateRule(rule, gathering);
  return outcome.outcome === 'errored' ? outcome.why : outcome.outcome;
};

describe('a finding names only resources of the kinds that its rule declares', () => {
  test('so it does', async () => {
    expect(await outcomeOf({ lacks: [tunnel('n1')], withholds: [felixOf('n1')] })).toBe('fail');
  });
  test.each([
    ['lacks', { lacks: [felixOf('n1')] }, 'a finding names felix:n1, and the rule declares no felix'],
    [
      'withholds',
      { withholds: [anyOf('profile', 'kns.')] },
      'a finding names profile:kns.*, and the rule declares no profile',
    ],
  ])('what it %s is not declared: the rule is errored and says so', async (_, found, why) => {
    expect(await outcomeOf(found)).toBe(why);
  });
});

test('what a rule misses is told by its name, not by its id', async () => {
  const rule = defineRule({
    id: 'r',
    description: '',
    step: 'routes',
    requires: ['routes@source', 'path-capture'],
    messages: { m: { title: '', detail: '' } },
    judge: () => fail(rawFinding({})),
  });
  const { outcome, missing } = await evaluateRule(rule, {
    ...gathering,
    fact: async () => unavailable('ssh-refused', 'n2: no route to host'),
  });
  expect(outcome).toEqual({
    outcome: 'inconclusive',
    why: "not checked: routes of the source's node, captures between the nodes: n2: no route to host",
  });
  expect(missing).toEqual(['routes@source', 'path-capture']);
});
