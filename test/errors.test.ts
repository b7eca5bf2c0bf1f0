import { expect, test } from '@jest/globals';
import { describeError } from '../src/errors.ts';
import { growth } from './support/growth.ts';

const described = (length: number) => {
  const error = new Error(`a${' '.repeat(length)}b`);
  return () => describeError(error);
};

test('a message of several lines becomes one', () => {
  expect(describeError(new Error('a  \n   b\n\n c')).message).toBe('a; b; c');
});

test('a long run of spaces costs as much as its length', async () => {
  expect(describeError(new Error(`a${' '.repeat(100)}b`)).message).toHaveLength(102);
  expect(await growth(described, 1000, 8)).toBeLessThan(8 * 3);
});
