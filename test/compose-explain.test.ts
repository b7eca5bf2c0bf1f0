import { expect, test } from '@jest/globals';
import { explained } from '../src/compose-explain.ts';

test.each([
  ['pod-profile-mising', ['pod-profile-missing', 'pod-route-missing', 'pod-profile-denies']],
  ['profile-missing', ['pod-profile-missing']],
  ['all', []],
])('near to %s are %j', (typed, near) => {
  expect(explained(typed)).toEqual({ known: false, near });
});
