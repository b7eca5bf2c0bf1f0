import { Redis } from 'ioredis';
import type { RedisInfo } from '../model/redis-info.ts';
import { answered, endConnection, mostAnswerMs, redisOptions } from './redis-connection.ts';

/**
 * Asks a Redis for its version and settings. Not by CONFIG, which hosted ones refuse.
 * @param address see redisOptions
 * @param answerMs milliseconds that its answer may take
 * @throws Error if it does not answer, or the account may not ask
 */
export async function readRedisInfo(address: string, answerMs = mostAnswerMs): Promise<RedisInfo> {
  const redis = new Redis({ ...redisOptions(address), maxRetriesPerRequest: 1, connectTimeout: 3000 });
  redis.on('error', () => undefined);
  try {
    return parseRedisInfo(await answered(redis.info(), answerMs));
  } finally {
    await endConnection(redis);
  }
}

/** Parses the answer to INFO: lines `name:value`. Source: redis.io/commands/info. */
export function parseRedisInfo(text: string): RedisInfo {
  const values = new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const [, name, value] = /^([a-z_]{1,60}):(.{0,200})$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
  const appendOnly = values.get('aof_enabled');
  return {
    version: values.get('redis_version') ?? null,
    appendOnly: appendOnly === undefined ? null : appendOnly === '1',
    maxmemoryPolicy: values.get('maxmemory_policy') ?? null,
  };
}
