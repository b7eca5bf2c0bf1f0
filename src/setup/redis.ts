import type { Trouble } from './check.ts';

/** Says why the program's own redis-server does not run, and what to do. @param said by who started it */
export function ownRedisTrouble(said: string, stateDir: string): Trouble {
  if (/failed to execute redis-server|spawn flock ENOENT/.test(said))
    return {
      text: 'REDIS_URL is not set, and redis-server is not installed here',
      next:
        'Run apt-get install redis-server util-linux (Debian) or dnf install redis util-linux (RHEL), ' +
        'or set REDIS_URL',
    };
  if (/EACCES|EPERM|ENOENT|ENOTDIR|EROFS/.test(said))
    return { text: `STATE_DIR ${stateDir} cannot be used: ${said}`, next: 'Set STATE_DIR to a folder of this user' };
  return { text: said, next: `Read ${stateDir}/redis/redis.log, or set REDIS_URL` };
}

/** Says that the Redis of REDIS_URL, or the program's own, does not answer. */
export function silentRedisTrouble(said: string): Trouble {
  return {
    text: `Redis does not answer: ${said}`,
    next: 'Check that Redis runs and that REDIS_URL is right, then retry',
  };
}
