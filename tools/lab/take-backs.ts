import { afterEach } from '@jest/globals';

/** Undoes something that a test did to a lab. */
export type TakeBack = () => Promise<unknown>;

/** What a test of this suite puts into the list is taken back after it, the newest first, however the test ended. */
export function takenBackAfterEach(milliseconds = 90_000): TakeBack[] {
  const takeBacks: TakeBack[] = [];
  afterEach(async () => {
    for (const takeBack of takeBacks.splice(0).toReversed()) await takeBack();
  }, milliseconds);
  return takeBacks;
}
