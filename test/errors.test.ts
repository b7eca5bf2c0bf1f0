import { expect, test } from '@jest/globals';
import { describeError } from '../src/errors.ts';

test('a message of several lines becomes one', () => {
  expect(describeError(new Error('a  \n   b\n\n c')).message).toBe('a; b; c');
});

test('a long run of spaces takes no longer than its length', () => {
  const began = performance.now();
  expect(describeError(new Error(`a${' '.repeat(1_000_000)}b`)).message).toHaveLength(1_000_002);
  expect(performance.now() - began).toBeLessThan(1000);
});
