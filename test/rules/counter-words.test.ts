import { expect, test } from '@jest/globals';
import type { Denial } from '../../src/model/denial.ts';
import { counterWords } from '../../src/rules/lib/denials.ts';

test.each([
  [true, 'Not proven by counter: this rule was not compared with the test packets.'],
  [false, 'The flow stops before it comes here. Once that is fixed, it would stop here.'],
])('a rule that no counters were compared for, and that stops the flow: %s', (stopsFlow, words) => {
  expect(counterWords({ proof: 'inferred', burst: null, stopsFlow } as Denial)).toBe(words);
});
