import type { Redis } from 'ioredis';
import { StoreUnreachable } from '../model/runs.ts';
import { afterAwake } from './awake-timer.ts';
import { settles } from './settles.ts';

/** What ioredis and BullMQ need to find a server. */
export type RedisAddress =
  | { readonly path: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly username?: string;
      readonly password?: string;
      readonly db?: number;
      readonly tls?: object;
    };

/**
 * Where Redis is: `redis://…`, `rediss://…` (TLS) or `unix:/path/of/socket`.
 * @throws Error when the address is none of these.
 */
export function redisOptions(address: string): RedisAddress {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length).replace(/^\/\/\//, '/') };
  const url = new URL(address);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    throw new Error(`not an address of Redis: ${url.protocol}//…`);
  const database = url.pathname.slice(1);
  return {
    host: url.hostname,
    port: url.port ? Number(url.port) : 6379,
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(database ? { db: Number(database) } : {}),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

/** One that took the connection may never answer: its process is stopped, or its packets are lost. */
export const mostAnswerMs = 10_000;

/**
 * Returns what Redis answers. What was asked may still be done after the time.
 * @throws StoreUnreachable after a time in which an answer could have been heard
 */
export function answered<T>(asked: Promise<T>, milliseconds = mostAnswerMs): Promise<T> {
  const late = Promise.withResolvers<never>();
  const why = new StoreUnreachable(`Redis gave no answer within ${milliseconds} ms`);
  const stop = afterAwake(milliseconds, () => late.reject(why));
  return Promise.race([asked, late.promise]).finally(stop);
}

/** How long a server may take to say goodbye. */
const goodbyeMs = 500;

/** Ends a connection: what was sent is answered first, if the server still answers. */
export async function endConnection(redis: Redis): Promise<void> {
  try {
    if (redis.status === 'ready' && (await settles(redis.quit(), goodbyeMs))) return;
  } catch {
    // It is gone already.
  }
  // One that has ended would be waited for, and keep the process for two seconds.
  if (redis.status !== 'end') redis.disconnect();
}
