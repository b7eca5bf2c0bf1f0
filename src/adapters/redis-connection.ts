import type { Redis } from 'ioredis';
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
