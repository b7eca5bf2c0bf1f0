import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { parseRedisInfo, readRedisInfo } from '../../src/adapters/redis-info.ts';
import { checkRedisSettings } from '../../src/compose-store.ts';
import { ownRedisTrouble, redisSettingChecks } from '../../src/setup/redis.ts';
import { startTestRedis } from '../support/redis.ts';

test.each([
  [
    'redis-server ended at once (exit 69): flock: failed to execute redis-server: No such file or directory',
    /not installed here$/,
    /apt-get install redis-server/,
  ],
  ['redis-server could not be started: spawn flock ENOENT', /not installed here$/, /or set REDIS_URL/],
  ["EACCES: permission denied, mkdir '/var/lib/x'", /^STATE_DIR \/state cannot be used: EACCES/, /Set STATE_DIR/],
  ["EEXIST: file already exists, mkdir '/state'", /^STATE_DIR \/state cannot be used: EEXIST/, /Set STATE_DIR/],
  ['ENOSPC: no space left on device, write', /^STATE_DIR \/state cannot be used: ENOSPC/, /^Free space there \(df -h/],
  ['redis-server ended at once (exit 1): Bad file format', /Bad file format$/, /Read \/state\/redis\/redis\.log/],
])('%s', (said, text, next) => {
  expect(ownRedisTrouble(said, '/state')).toEqual({
    text: expect.stringMatching(text),
    next: expect.stringMatching(next),
  });
});

const good = { version: '7.0.15', appendOnly: true, maxmemoryPolicy: 'noeviction' };

test('settings with which nothing is lost need no line, and neither does what Redis does not say', () => {
  expect(redisSettingChecks(good)).toEqual([]);
  expect(redisSettingChecks({ version: null, appendOnly: null, maxmemoryPolicy: null })).toEqual([]);
  expect(redisSettingChecks({ ...good, version: '10.0.0' })).toEqual([]);
});

test.each([
  [{ version: '6.0.16' }, /^Redis 6\.0\.16 is older than 6\.2/, /Update Redis/],
  [{ version: '5.0.7' }, /^Redis 5\.0\.7 is older/, /Update Redis/],
  [
    { appendOnly: false },
    /no append-only file: .*lost when it restarts/,
    /redis-cli -u "\$REDIS_URL" config set appendonly yes/,
  ],
  [{ maxmemoryPolicy: 'allkeys-lru' }, /deletes keys .*allkeys-lru/, /config set maxmemory-policy noeviction/],
])('settings with which something is lost: %j', (changed, text, next) => {
  expect(redisSettingChecks({ ...good, ...changed })).toEqual([
    {
      part: 'Redis settings',
      state: 'limited',
      text: expect.stringMatching(text),
      next: expect.stringMatching(next),
    },
  ]);
});

test('the settings of a real Redis are read, and its lines lead back to none', async () => {
  const server = await startTestRedis();
  const { address } = server;
  const redis = new Redis({ path: address.slice('unix:'.length) });
  try {
    expect(await readRedisInfo(address)).toEqual({ ...good, version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    await redis.config('SET', 'appendonly', 'no');
    await redis.config('SET', 'maxmemory-policy', 'volatile-lru');
    const lines = redisSettingChecks(await readRedisInfo(address));
    expect(lines.map(({ text }) => text)).toEqual([
      expect.stringContaining('append-only'),
      expect.stringContaining('volatile-lru'),
    ]);
    // What the lines tell a person to run.
    for (const [, name = '', value = ''] of lines.map(({ next }) => /config set (\S+) (\S+)/.exec(next ?? '') ?? []))
      await redis.config('SET', name, value);
    expect(redisSettingChecks(await readRedisInfo(address))).toEqual([]);
  } finally {
    redis.disconnect();
    await server.stop();
  }
});

test('an account that may not ask is told so, and of a Redis that is away nothing is said here', async () => {
  const server = await startTestRedis();
  const { address } = server;
  const redis = new Redis({ path: address.slice('unix:'.length) });
  try {
    await redis.acl('SETUSER', 'default', '-info');
    expect(await checkRedisSettings(address)).toEqual([
      expect.objectContaining({ state: 'limited', text: expect.stringMatching(/^not checked: NOPERM /) }),
    ]);
    // Of a wrong password the connection itself speaks: no right to INFO is missing.
    await redis.config('SET', 'requirepass', 'other');
    const locked = await checkRedisSettings(address);
    await redis.config('SET', 'requirepass', '');
    expect(locked).toEqual([]);
  } finally {
    redis.disconnect();
    await server.stop();
  }
  expect(await checkRedisSettings(address)).toEqual([]);
});

test.each([
  ['empty', ''],
  ['a part', '# Server\r\nredis_ver'],
  ['what is no answer', 'x'.repeat(10_000)],
])('an answer that is %s says nothing', (_, text) => {
  expect(parseRedisInfo(text)).toEqual({ version: null, appendOnly: null, maxmemoryPolicy: null });
});
