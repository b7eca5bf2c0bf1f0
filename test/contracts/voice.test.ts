import { expect, test } from '@jest/globals';
import { voiceRemarks } from '../../scripts/voice.ts';

const remarks = (text: string) => voiceRemarks(text).map(({ line, remark }) => `${line} ${remark}`);

test.each([
  ['Done, and it healed.', 'healed'],
  ['The fix was taken back.', 'taken back'],
  ['The pod cannot be reached.', 'cannot be reached'],
  ['Ask whoever looks after the node.', 'whoever'],
  ['"mypod;" is no name of a pod.', 'is no n'],
  ['Whether the pod answers is not known.', 'Whether the pod answers is not known.'],
  ['> - What the store holds is not a plan.', 'What the store holds is not a plan.'],
  ['The packet was not seen on the card of node-a.', 'card'],
  ['| cell | the world has moved |', 'world has moved'],
])('%s is remarked on', (text, said) => {
  expect(remarks(`\n${text}`)).toEqual([expect.stringContaining(`2 "${said}`)]);
});

test('a long sentence and a long title are remarked on', () => {
  expect(remarks(`${'word '.repeat(26)}.`)).toEqual([expect.stringContaining('26 words in one sentence')]);
  expect(remarks(`${'word '.repeat(25)}.`)).toEqual([]);
  expect(remarks(`- \`missing\` **${'x'.repeat(151)}**`)).toEqual([
    expect.stringContaining('151 characters in a title'),
  ]);
});

test.each([
  'What is the pod called?',
  'There is no namespace shop.',
  'The pod is no longer there.',
  '`heal` breaks nothing.',
  '```sh\nlab heal   # take a look\n```',
  'Run [the tool](docs/repair.md) again.',
])('%j is plain', (text) => {
  expect(remarks(text)).toEqual([]);
});
