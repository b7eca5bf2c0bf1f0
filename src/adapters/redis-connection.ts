import type { RedisOptions } from 'ioredis';

/**
 * Where Redis is: `redis://…`, `rediss://…` (TLS) or `unix:/path/of/socket`.
 * @throws Error when the address is none of these.
 */
export function redisOptions(address: string): RedisOptions {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length).replace(/^\/\/\//, '/') };
  const url = new URL(address);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw new Error(`not an address of Redis: ${url.protocol}//…`);
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
