/** A bastion that does not let the bot in is one cause, whichever node was to be reached behind it. */
import { expect, test } from '@jest/globals';
import { LookError } from '../../src/model/look-error.ts';
import { wayInTrouble } from '../../src/setup/way-in.ts';

const trouble = (node: string, said: string) =>
  wayInTrouble(new LookError('ssh-refused', `${node} (192.0.2.1:22): the bastion ${said}`), {
    name: node,
    address: '192.0.2.1',
    hostsFile: 'FILE',
  });

test.each<[string, string, RegExp, RegExp]>([
  [
    'whose host key is not known',
    '192.0.2.1:2222 does not let the bot in: its host key SHA256:x is not in known_hosts',
    /^the bastion of SSH_JUMP, 192\.0\.2\.1:2222, does not let the bot in: its host key SHA256:x is not in FILE$/,
    /ssh-keyscan -p 2222 192\.0\.2\.1, compare the key with the console of the bastion, and put it into FILE$/,
  ],
  [
    'that does not accept the key',
    'b.example:22 does not let the bot in: the key of j was not accepted',
    /^the bastion of SSH_JUMP, b\.example:22, .*: the key of j was not accepted$/,
    /authorized_keys of this account on the bastion$/,
  ],
  [
    'that does not answer',
    'b.example:22 does not let the bot in: connect ECONNREFUSED',
    /^the bastion of SSH_JUMP, b\.example:22, .*ECONNREFUSED$/,
    /<\/dev\/tcp\/b\.example\/22' && echo open where the bot runs$/,
  ],
])('a bastion %s is told in the same words for every node', (_, said, text, next) => {
  const told = trouble('node-a', said);
  expect(told).toEqual({ text: expect.stringMatching(text), next: expect.stringMatching(next) });
  expect(trouble('node-b', said)).toEqual(told);
});
