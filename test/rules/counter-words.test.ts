import { expect, test } from '@jest/globals';
import type { Denial } from '../../src/model/denial.ts';
import { counterWords } from '../../src/rules/lib/denials.ts';

test.each([
  ['stops the flow', true, 'this rule was not compared with the test packets'],
  ['stands behind the one that does', false, 'no test packet reached this rule'],
])('a rule that no counters were compared for, and that %s', (_, stopsFlow, why) => {
  expect(counterWords({ proof: 'inferred', burst: null, stopsFlow } as Denial)).toBe(`Not proven by counter: ${why}.`);
});
