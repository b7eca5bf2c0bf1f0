import { expect, test } from '@jest/globals';
import { limited } from '../../src/setup/check.ts';
import { isFollowUp, keysOf } from '../../src/setup/configuration.ts';

const line = (text: string) => limited('nodes', { text, next: '' });

test.each([
  ['SSH_KEY_FILE: Invalid input: expected string, received array', 'SSH_KEY_FILE is not set'],
  ['SLACK_BOT_TOKEN_FILE: /srv/token is empty', 'SLACK_BOT_TOKEN is not set'],
  ['SLACK_APP_TOKEN: must be an app-level token', 'neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set'],
  ['KUBECONFIG: /srv/none cannot be read (ENOENT)', 'the kubeconfig /srv/none cannot be read (ENOENT)'],
])('of %s it is not told a second time that %s', (problem, repeats) => {
  expect(isFollowUp(line(repeats), keysOf([problem]))).toBe(true);
  expect(isFollowUp(line('SSH_USER is not set'), keysOf([problem]))).toBe(false);
  expect(isFollowUp(line('the API server does not answer: timeout'), keysOf([problem]))).toBe(false);
});
