import { describe, expect, test } from '@jest/globals';
import { decide } from '../../src/policy/decide.ts';
import type { PolicyQuestion } from '../../src/policy/question.ts';
import { kns, ksa, asked, policy } from './asked.ts';

describe('profiles, where no policy applies', () => {
  test.each<[string, Partial<PolicyQuestion>, string, string]>([
    ['the first that allows', {}, 'allow', 'rule 1 of profile kns.default allows it'],
    ['none allows', { profiles: [ksa] }, 'deny', 'no policy applies and no profile allows it'],
    ['there are none', { profiles: [] }, 'deny', 'no policy applies and no profile allows it'],
    [
      'one that does not exist comes before one that allows',
      { profiles: [{ name: 'gone', rules: null }, kns] },
      'deny',
      'profile gone does not exist',
    ],
    [
      'one that does not exist comes after one that allows',
      { profiles: [kns, { name: 'gone', rules: null }] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
    [
      'one that denies',
      { profiles: [{ name: 'no', rules: { ingress: [{ action: 'Log' }, { action: 'Deny' }], egress: [] } }, kns] },
      'deny',
      'rule 2 of profile no denies it',
    ],
    [
      'a pass, which no profile has',
      { profiles: [{ name: 'odd', rules: { ingress: [{ action: 'Pass' }], egress: [] } }, kns] },
      'unknown',
      'rule 1 of profile odd has the action Pass, which is not understood here',
    ],
    [
      "the other direction's rules",
      { direction: 'egress', profiles: [{ name: 'in', rules: { ingress: [{ action: 'Allow' }], egress: [] } }] },
      'deny',
      'no policy applies and no profile allows it',
    ],
    [
      'a policy for egress alone',
      { policies: [policy('out', { types: ['Egress'] })] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
    [
      'a policy that selects others',
      { policies: [policy('db', { selector: "app == 'db'" })] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
    [
      'a policy of another namespace',
      { policies: [policy('all', {}, 'shop')] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
    [
      'policies for host endpoints',
      { policies: [policy('a', { doNotTrack: true }, null), policy('b', { preDNAT: true }, null)] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
  ])('%s', (_, change, expected, by) => {
    expect(decide({ ...asked, ...change })).toMatchObject({ decision: expected, by });
  });
});
