/** What must happen at once in Redis for the audit chain. Each script's KEYS and ARGV are said in its first lines. */

/**
 * Adds a record only behind the end that was read. KEYS list, end; ARGV the end that was read (empty: none), record,
 * the new end. Returns the length of the list, or 0 when another record was added before.
 */
export const chainScript = `
local last = redis.call('GET', KEYS[2]) or ''
if last ~= ARGV[1] then return 0 end
local length = redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[3])
return length`;

/**
 * Takes the oldest records out only where the first one to stay is where it was. KEYS list, checkpoint;
 * ARGV how many go, the first one to stay, the new checkpoint. Returns 1, or 0 when the list had changed.
 */
export const trimScript = `
if redis.call('LINDEX', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('LTRIM', KEYS[1], ARGV[1], -1)
redis.call('SET', KEYS[2], ARGV[3])
return 1`;
