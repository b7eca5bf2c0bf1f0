import { expect, test } from '@jest/globals';
import { keptLogLines } from '../../../src/adapters/kubernetes/kept-log-lines.ts';

const failing = [
  "2017-07-03 02:11:14,900 6 INFO Syncing 'Namespace' objects",
  '2017-07-03 02:11:14,910 6 ERROR Unhandled exception killed Namespace manager',
  'Traceback (most recent call last):',
  '  File "<string>", line 304, in _manage_resource',
  'JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
  '2017-07-03 02:11:14,911 6 INFO Restarting watch on resource: Namespace',
  '2017-07-03 02:11:20,000 6 INFO Done syncing Namespace(s) - new resourceVersion: 7',
  "2017-07-03 02:11:21,000 6 DEBUG Found ServiceAccount token: secret'",
];

test('of the policy controller of Calico 2.x: what it could not read, and what it could', () => {
  expect(keptLogLines(failing.join('\n')).split('\n')).toEqual([failing[1], failing[4], failing[6]]);
});

test('where no line tells of a fault, how many there were', () => {
  expect(keptLogLines('a\n\nb\n')).toBe('(2 lines, none of them about a fault)');
});
