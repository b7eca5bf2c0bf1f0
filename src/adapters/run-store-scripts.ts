/** What must happen at once in Redis. Each script's KEYS and ARGV are said in its first lines. */

/**
 * Adds an event, keeps the run's list for its life, and notes that the run has something to tell: at the microsecond
 * of the server's clock, so that no two events have one mark. KEYS events, untold runs; ARGV event, seconds, run.
 * Returns the number of events.
 */
export const appendScript = `
local count = redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], string.format('%s%06d', time[1], time[2]), ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], 0, string.format('%d000000', time[1] - ARGV[2]))
return count`;

/** Notes that a run is told, unless it has a later event. KEYS untold runs; ARGV run, the mark of its last event. */
export const toldScript = `
if redis.call('ZSCORE', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 1`;

/**
 * Lists untold runs whose last event is older than so many milliseconds, the newest first, each with its age in
 * milliseconds. KEYS untold runs; ARGV milliseconds, how many at most.
 */
export const untoldScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local upTo = string.format('%d999', now - ARGV[1])
local found = redis.call('ZREVRANGEBYSCORE', KEYS[1], upTo, 0, 'WITHSCORES', 'LIMIT', 0, ARGV[2])
for i = 2, #found, 2 do found[i] = string.format('%d', now - math.floor(tonumber(found[i]) / 1000)) end
return found`;

/**
 * Changes a plan's fields only from one of the given states, and counts it. KEYS plan;
 * ARGV number of states, the states (JSON), then field and value in turn. Returns the plan's fields and values in turn
 * as they are right after the change, or none when it was in another state.
 */
export const transitionScript = `
local state = redis.call('HGET', KEYS[1], 'state')
local states = tonumber(ARGV[1])
for i = 2, states + 1 do
  if state == ARGV[i] then
    redis.call('HINCRBY', KEYS[1], 'step', 1)
    for j = states + 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[j], ARGV[j + 1]) end
    return redis.call('HGETALL', KEYS[1])
  end
end
return {}`;

/**
 * Takes a token from a bucket that holds some at first and gets one more every so often. KEYS bucket; ARGV tokens that
 * it holds, milliseconds a token. Returns 0, or the milliseconds until there is one. The server's clock counts.
 */
export const takeTokenScript = `
local holds, every = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(holds, (tonumber(bucket[1]) or holds) + math.max(0, now - (tonumber(bucket[2]) or now)) / every)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) * every) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%d', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(holds * every))
return wait`;

/** Forgets a value if it is still the given one. KEYS value; ARGV the value. Returns 1, or 0 where it is another. */
export const forgetScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/**
 * Keeps the first value of a key, and prolongs its life when it comes again. KEYS value; ARGV value, seconds, a value
 * that gives way (empty: none). Returns the value that is kept.
 */
export const keepFirstScript = `
local kept = redis.call('GET', KEYS[1])
if kept and kept ~= ARGV[1] and (ARGV[3] == '' or kept ~= ARGV[3]) then return kept end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return ARGV[1]`;
