import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { fill } from '../../src/engine/finding.ts';

test.each([
  ['Not compared: {why}. They end there.', 'no answer', 'Not compared: no answer. They end there.'],
  ['Not compared: {why}. They end there.', 'It is dead.', 'Not compared: It is dead. They end there.'],
  ['Not compared: {why}.', 'It is dead.', 'Not compared: It is dead.'],
  ['cat /etc/{why}.conf', 'a.', 'cat /etc/a..conf'],
  ['{why}', 'It is dead.', 'It is dead.'],
])('"%s" with "%s"', (template, why, text) => {
  expect(fill(template, { why })).toBe(text);
});

test('a placeholder without a value is refused', () => {
  expect(() => fill('{why}', {})).toThrow('no value for {why}');
});

test('no text ends with two full stops', () => {
  const texts = readFileSync(`${import.meta.dirname}/../golden/texts.md`, 'utf8').split('\n');
  expect(texts.filter((line) => /[^.]\.\.(?:\s|$)/.test(line))).toEqual([]);
});
