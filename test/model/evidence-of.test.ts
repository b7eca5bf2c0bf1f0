import { expect, test } from '@jest/globals';
import { evidenceOf } from '../../src/model/evidence-of.ts';
import { transcript } from '../probes/transcript.ts';

const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}\n`).join('\n');

test('the first lines are kept and the others counted, blank ones aside', () => {
  const { excerpt } = evidenceOf(transcript({ stdout: `\n${lines(1000)}  \n` }));
  expect(excerpt.split('\n')).toEqual([...Array.from({ length: 400 }, (_, at) => `line ${at}`), '… 600 more lines']);
});

test('of lines that match, those behind the four hundredth are counted too', () => {
  const { excerpt } = evidenceOf(transcript({ stdout: lines(2000) }), /[02468]$/);
  expect(excerpt.split('\n').slice(398)).toEqual(['line 796', 'line 798', '… 600 more lines']);
});

test('an excerpt that is kept for long is cut', () => {
  expect(evidenceOf(transcript({ stdout: lines(1000) }), undefined, 20).excerpt).toBe(
    'line 0\nline 1\nline 2'.slice(0, 20),
  );
});

test('nothing printed is said', () => {
  expect(evidenceOf(transcript({ stdout: '', exit: 3 })).excerpt).toBe('(nothing printed, exit 3)');
});
