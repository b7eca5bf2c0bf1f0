import type { ExpectedDecision } from '../../src/model/expected-decision.ts';

/** What the datastore says should become of the asked packet where it enters its pod. */
export const expects = (
  decision: ExpectedDecision['decision'],
  change: Partial<ExpectedDecision> = {},
): ExpectedDecision => ({
  leg: 'target-ingress',
  node: 'n1',
  direction: 'ingress',
  decision,
  by: 'rule 1 of profile kns.default allows it',
  policies: [],
  ...change,
});
