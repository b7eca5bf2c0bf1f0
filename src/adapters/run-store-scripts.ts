/** What must happen at once in Redis. Each script's KEYS and ARGV are said in its first lines. */

/**
 * Adds an event and keeps the run's list for its life. KEYS events; ARGV event, seconds. Returns the number of events.
 */
export const appendScript = `
local count = redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return count`;

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
