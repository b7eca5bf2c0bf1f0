/** A bot that has no keys for nodes: what the API server shows is judged, the rest is one line. */
import { expect, test } from '@jest/globals';
import { createBlindShells } from '../../src/adapters/node-helper/blind-shells.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
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

const noBash = "/usr/bin/env: 'bash': No such file or directory";

/** Nodes on which no helper starts. */
const withoutHelper: NodeShells = {
  ...createBlindShells(''),
  shell: ({ name }) => ({
    node: name,
    start() {
      const lost = Promise.reject(new LookError('node-helper-missing', `the node helper did not start: ${noBash}`));
      lost.catch(() => undefined);
      return { ready: lost, result: lost, stop: () => undefined };
    },
  }),
};

test.each([['healthy-legacy'], ['ipip-blocked-legacy'], ['healthy-kdd-nft']])(
  '%s on nodes without bash: never healthy, and it says what is missing',
  async (name) => {
    const verdict = await judgeCapture({ ...captureDeps(readCapture(name)), shells: withoutHelper });
    expect([verdict.verdict, verdict.flow, verdict.roots]).toEqual(['inconclusive', 'unknown', []]);
    expect(verdict.blindSpots).toContainEqual(
      expect.objectContaining({ code: 'node-helper-missing', reason: expect.stringContaining(noBash) }),
    );
  },
);
