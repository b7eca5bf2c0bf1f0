import { expect, test } from '@jest/globals';
import { ownRedisTrouble } from '../../src/setup/redis.ts';

test.each([
  [
    'redis-server ended at once (exit 69): flock: failed to execute redis-server: No such file or directory',
    /not installed here$/,
    /apt-get install redis-server/,
  ],
  ['redis-server could not be started: spawn flock ENOENT', /not installed here$/, /or set REDIS_URL/],
  ["EACCES: permission denied, mkdir '/var/lib/x'", /^STATE_DIR \/state cannot be used: EACCES/, /Set STATE_DIR/],
  ['redis-server ended at once (exit 1): Bad file format', /Bad file format$/, /Read \/state\/redis\/redis\.log/],
])('%s', (said, text, next) => {
  expect(ownRedisTrouble(said, '/state')).toEqual({
    text: expect.stringMatching(text),
    next: expect.stringMatching(next),
  });
});
