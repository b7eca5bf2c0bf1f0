/** An image of the agent that is not of this version: one line, and how to build it again. */
import { expect, test } from '@jest/globals';
import { checkNodes } from '../../src/setup/nodes.ts';
import { helper, nodes, on, settings, shellsThat, type Says } from './shells-that.ts';

test.each<[string, Says, RegExp]>([
  [
    'of an older version',
    on(['node-a'], (node, { command }) =>
      command.id === 'ip-rule-show' ? helper(`its helper refused: not in the allow-list: ${command.id}`)(node) : null,
    ),
    /^the allow-list of the helper is outdated: it lacks ip-rule-show$/,
  ],
  [
    'with another list',
    on(['node-a'], (_, { command }) => (command.id === 'allow-list-digests' ? { stdout: 'x\n-\n' } : null)),
    /^the helper or its allow-list is of another version$/,
  ],
  [
    'without the list',
    on(['node-a'], helper('its helper refused: the allow-list is missing')),
    /^the image of the agent has no allow-list$/,
  ],
  [
    'without the helper',
    on(
      ['node-a'],
      helper('the node helper did not start: calico-chatops-agent: line 9: calico-chatops-node: No such file'),
    ),
    /^the image of the agent, or the node, lacks a program/,
  ],
])('an image of the agent %s: one line, which says how to build it again', async (_, says, text) => {
  const found = await checkNodes(shellsThat(says), nodes, { ...settings, via: 'agent' });
  expect(found.filter(({ state }) => state !== 'ok')).toEqual([
    {
      part: 'node node-a',
      state: 'limited',
      text: expect.stringMatching(text),
      next: expect.stringMatching(
        /^Run docker build -t IMAGE .* set image daemonset\/calico-chatops-agent agent=IMAGE/,
      ),
    },
  ]);
});
