/** A bot that has no keys for nodes: what the API server shows is judged, the rest is one line. */
import { expect, test } from '@jest/globals';
import { createBlindShells } from '../../src/adapters/node-helper/blind-shells.ts';
import { blindSpotLines } from '../../src/model/blind-spots.ts';
import { readCapture } from './capture.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';

const judged = (name: string) =>
  judgeCapture({ ...captureDeps(readCapture(name)), shells: createBlindShells('SSH_KEY_FILE is not set') });

test('a cause that the API server shows is found', async () => {
  const verdict = await judged('profile-missing-rbac-nft');
  expect([...verdict.roots, ...verdict.latent].map(({ rule }) => rule)).toEqual(['controller-forbidden']);
});

test.each([['healthy-legacy'], ['ipip-blocked-legacy'], ['healthy-kdd-nft']])(
  '%s: never healthy, and one line says what was not read',
  async (name) => {
    const verdict = await judged(name);
    expect(verdict.verdict).toBe('inconclusive');
    const lines = blindSpotLines(verdict.blindSpots).filter(({ text }) => text.includes('SSH_KEY_FILE'));
    expect(lines).toEqual([
      {
        text: expect.stringMatching(/^nodes are not read: SSH_KEY_FILE is not set; \d+ checks not run$/),
        next: expect.stringMatching(/^calico-chatops doctor /),
      },
    ]);
  },
);
