import type { RedisInfo } from '../model/redis-info.ts';
import { limited, type Check, type Trouble } from './check.ts';

/** Says why the program's own redis-server does not run, and what to do. @param said by who started it */
export function ownRedisTrouble(said: string, stateDir: string): Trouble {
  if (/failed to execute redis-server|spawn flock ENOENT/.test(said))
    return {
      text: 'REDIS_URL is not set, and redis-server is not installed here',
      next:
        'Run apt-get install redis-server util-linux (Debian) or dnf install redis util-linux (RHEL), ' +
        'or set REDIS_URL',
    };
  if (isOfFolder(said)) return stateDirTrouble(said, stateDir);
  return { text: said, next: `Read ${stateDir}/redis/redis.log, or set REDIS_URL` };
}

/** Whether a folder, and no program in it, is the trouble. */
export const isOfFolder = (said: string) => /\b(?:EACCES|EPERM|ENOENT|ENOTDIR|EEXIST|EROFS|ENOSPC|EDQUOT)\b/.test(said);

/** Says why nothing can be kept in STATE_DIR, and what to do. */
export function stateDirTrouble(said: string, stateDir: string): Trouble {
  return {
    text: `STATE_DIR ${stateDir} cannot be used: ${said}`,
    next: /\b(?:ENOSPC|EDQUOT)\b/.test(said)
      ? `Free space there (df -h ${stateDir}), or set STATE_DIR to another folder`
      : 'Set STATE_DIR to a folder of this user',
  };
}

/** Says that the Redis of REDIS_URL, or the program's own, does not answer. */
export function silentRedisTrouble(said: string): Trouble {
  return {
    text: `Redis does not answer: ${said}`,
    next: 'Check that Redis runs and that REDIS_URL is right, then retry',
  };
}

/** The queues were not tried with an older one. */
const leastVersion = [6, 2] as const;

/** Returns a line for each setting with which jobs, threads, plans or audit records can be lost. */
export function redisSettingChecks({ version, appendOnly, maxmemoryPolicy }: RedisInfo): readonly Check[] {
  const troubles: Trouble[] = [];
  if (version !== null && isOlder(version))
    troubles.push({
      text: `Redis ${version} is older than ${leastVersion.join('.')}, the oldest that the bot was tried with`,
      next: 'Update Redis, or set REDIS_URL to another one',
    });
  if (appendOnly === false)
    troubles.push({
      text: 'Redis writes no append-only file: jobs, threads and plans are lost when it restarts',
      next: setting('appendonly', 'yes'),
    });
  if (maxmemoryPolicy !== null && maxmemoryPolicy !== 'noeviction')
    troubles.push({
      text: `Redis deletes keys when its memory is full (${maxmemoryPolicy}): jobs and plans can be lost`,
      next: setting('maxmemory-policy', 'noeviction'),
    });
  return troubles.map((trouble) => limited('Redis settings', trouble));
}

function setting(name: string, value: string): string {
  return `Run redis-cli -u "$REDIS_URL" config set ${name} ${value} and set it in redis.conf too`;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = leastVersion;
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
