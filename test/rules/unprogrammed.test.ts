import { expect, test } from '@jest/globals';
import type { Denial } from '../../src/model/denial.ts';
import { observed, unavailable } from '../../src/model/evidence.ts';
import { unprogrammed } from '../../src/rules/lib/denials.ts';

const denial = (of: Partial<Denial>) =>
  ({ node: 'n1', class: 'unknown-interface', stopsFlow: true, expected: null, ...of }) as Denial;
const found = (...denied: readonly Denial[]) =>
  unprogrammed(observed({ denied, open: [], notCompared: null }, []), 'n1', () => true);

test('what stops the flow there, and Felix has not learned of', () => {
  const outdated = denial({ class: 'policy-rule', expected: { decision: 'allow' } as Denial['expected'] });
  expect(found(outdated)).toBe(outdated);
  expect(found(denial({ node: 'n2' }))).toBe(null);
  expect(unprogrammed(unavailable('timeout', 'late'), 'n1', () => true)).toBe(null);
});

test('an outdated rule to which no packet comes is not what stops the flow', () => {
  const foreign = denial({ class: 'foreign' });
  const behind = denial({
    class: 'policy-rule',
    stopsFlow: false,
    expected: { decision: 'allow' } as Denial['expected'],
  });
  expect(found(foreign, behind)).toBe(null);
});

test('an unknown interface without an endpoint is not what Felix missed', () => {
  const unknown = observed({ denied: [denial({ end: 'source' })], open: [], notCompared: null }, []);
  expect(unprogrammed(unknown, 'n1', (end) => end === 'destination')).toBe(null);
  expect(unprogrammed(unknown, 'n1', (end) => end === 'source')).not.toBe(null);
});

test('an unknown interface by which the packet is led astray is not what Felix missed', () => {
  expect(found(denial({ offRightWay: true }))).toBe(null);
  expect(found(denial({ onRightWayToo: true }))).not.toBe(null);
});
