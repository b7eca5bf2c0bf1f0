/**
 * Faults of the lab of which no diagnosis is recorded yet, and why: `npm run accuracy -- --record` records them. Until
 * then the fault suites of the labs show them.
 */
export const unrecorded: Readonly<Record<string, string>> = {
  'typha-unavailable': 'the labs of `npm run accuracy` have no Typha',
};
