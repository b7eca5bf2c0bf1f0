import type { Answer, LabKind } from './score.ts';

export const sampleLab: LabKind = { dataplane: 'nft', datastore: 'etcd', encap: 'ipip', calico: 'stand-ins' };

/** A right answer to a question about one fault, with these parts changed. */
export const answer = (part: Partial<Answer> = {}): Answer => ({
  kind: 'single',
  what: 'one',
  lab: sampleLab,
  verdict: 'fault',
  found: ['route'],
  asOthers: [],
  missing: [],
  wrong: [],
  seconds: 2,
  ...part,
});
