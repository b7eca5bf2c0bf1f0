import { expect, test } from '@jest/globals';
import { firstDifference, goldenTexts, keptTexts } from './texts.ts';

test('every text of the product is as the reviewed file has it', async () => {
  expect(firstDifference(await goldenTexts(), keptTexts())).toBeNull();
});

test('a text that differs is named by its line, with the command that updates the file', () => {
  expect(firstDifference('a\nb\n', 'a\nc\n')).toBe(
    'line 2: "c" should be "b". If that is as you want it: npm run golden',
  );
  expect(firstDifference('a\nb', 'a')).toContain('line 2: "" should be "b"');
});
