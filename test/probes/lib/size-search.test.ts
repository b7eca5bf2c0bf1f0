import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { confirmSize, findSize, NotSent, tryFull } from '../../../src/probes/lib/size-search.ts';
import type { SizedAnswer } from '../../../src/probes/parse/sized-ping.ts';

/** A path: what a ping of so many bytes comes to, and how many were sent. */
function path(answer: (bytes: number, nth: number) => SizedAnswer) {
  const sent: number[] = [];
  return {
    sent,
    send: async (bytes: number) => {
      sent.push(bytes);
      return answer(bytes, sent.length);
    },
  };
}
const upTo = (most: number) => path((bytes) => ({ got: bytes <= most ? 'reply' : 'nothing' }));

describe('a full-sized packet', () => {
  test('that is answered is all that is sent', async () => {
    const { send, sent } = upTo(1480);
    expect(await tryFull(send, 1480)).toMatchObject({ passed: 1480, lost: null, told: null });
    expect(sent).toEqual([1480]);
  });

  test('is sent again in the size that a hop said, and that the next one said', async () => {
    const { send, sent } = path((bytes) =>
      bytes > 1400 ? { got: 'too-big', most: 1400 } : bytes > 1300 ? { got: 'too-big', most: 1300 } : { got: 'reply' },
    );
    expect(await tryFull(send, 1480)).toMatchObject({ full: 1300, passed: 1300, lost: null, told: 1300 });
    expect(sent).toEqual([1480, 1400, 1300]);
  });

  test('is lost where a hop says a size that is not smaller', async () => {
    const { send, sent } = path(() => ({ got: 'too-big', most: 1480 }));
    expect(await tryFull(send, 1480)).toMatchObject({ passed: null, lost: 1480 });
    expect(sent).toEqual([1480]);
  });

  test('of a ping that does not run says nothing', async () => {
    await expect(tryFull(path(() => ({ got: 'error', why: 'no ping' })).send, 1480)).rejects.toThrow(NotSent);
  });
});

describe('the search', () => {
  test('finds the size to the byte, with few pings', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 600, max: 9000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (full, part) => {
          const most = 84 + Math.floor(part * (full - 85));
          const { send, sent } = upTo(most);
          const found = await findSize(send, await tryFull(send, full));
          expect(found).toMatchObject({ passed: most, lost: most + 1, unsteady: false });
          expect(Math.min(found.samples.passed, found.samples.lost)).toBeGreaterThanOrEqual(3);
          expect(sent.length).toBeLessThanOrEqual(45);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('knows nothing where small ones are not answered either', async () => {
    const { send, sent } = upTo(0);
    expect(await findSize(send, await tryFull(send, 1480))).toMatchObject({ passed: null });
    expect(sent.length).toBeLessThanOrEqual(6);
  });

  test('takes one packet that was lost by chance for no size', async () => {
    const { send } = path((_, nth) => ({ got: nth === 1 ? 'nothing' : 'reply' }));
    expect(await findSize(send, await tryFull(send, 1480))).toMatchObject({ passed: 1480, unsteady: true });
  });

  test('never finds a size where packets are lost by chance', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.boolean()), async (chance) => {
        const { send } = path(() => ({ got: chance.next().value === true ? 'reply' : 'nothing' }));
        const found = await findSize(send, await tryFull(send, 1480));
        const sizeDecides =
          !found.unsteady &&
          found.passed !== null &&
          found.lost !== null &&
          found.samples.passed >= 3 &&
          found.samples.lost >= 3;
        expect(sizeDecides && found.lost - found.passed > 1).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test('ends where a ping does not run any more', async () => {
    const { send } = path((_, nth) =>
      nth > 5 ? { got: 'error', why: 'gone' } : { got: nth > 3 ? 'nothing' : 'reply' },
    );
    const first = {
      full: 1480,
      passed: null,
      lost: 1480,
      told: null,
      samples: { passed: 0, lost: 1 },
      unsteady: false,
    };
    await expect(findSize(send, first)).rejects.toThrow(NotSent);
  });
});

describe('a size that was found on another way', () => {
  const first = { full: 1480, passed: null, lost: 1480, told: null, samples: { passed: 0, lost: 1 }, unsteady: false };

  test('is confirmed by both neighbours, three times each', async () => {
    const { send, sent } = upTo(1380);
    const found = await confirmSize(send, first, { passed: 1380, lost: 1381 });
    expect(found).toMatchObject({ passed: 1380, lost: 1381, samples: { passed: 3, lost: 4 } });
    expect(sent).toHaveLength(6);
  });

  test('is searched for where it is another', async () => {
    expect(await confirmSize(upTo(1000).send, first, { passed: 1380, lost: 1381 })).toMatchObject({
      passed: 1000,
      lost: 1001,
    });
  });
});
