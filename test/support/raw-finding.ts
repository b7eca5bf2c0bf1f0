import type { RawFinding } from '../../src/model/rule.ts';

/** A finding that stops the flow, of a rule with a message `m`; with the changes. */
export const rawFinding = <I = never>(over: Partial<RawFinding<string, I>> = {}): RawFinding<string, I> => ({
  message: 'm',
  data: {},
  subject: { kind: 'Pod', name: 'x' },
  node: null,
  proof: 'read',
  evidence: [],
  stopsFlow: true,
  ...over,
});
