-- Moves live sessions on. ARGV: now (0 for Redis' own time), what to do, a session, and more:
--   seen   session                        the session was saved; it counts as silent from now on
--   beat   session, shortest stretch      a heartbeat: gives the stretch since the last one, if it is long enough
--   end    session, 'now' or 'silent', reason as JSON   ends the session and gives its last stretch
--   late   '', milliseconds               gives sessions that have been silent for so long
--   watch  session, milliseconds          has the session looked at after that time
--   due    '', milliseconds               gives sessions to look at, each to one caller, and again after that time
--   home   router, milliseconds, sessions a router says which sessions' concurrency slots it has; gives those that another router has
--   claim  session, milliseconds, router  takes the slot of a session whose router has been silent for so long, and gives for how long
--                                         the session has been without; or says that a router has the slot
--
-- The script's clock follows the machine's, never goes back, and goes on at most STEP between two calls, of which there are some every
-- second. So a clock that is set, or a time in which nobody called, makes no stream silent and no stretch long.
local STEP = 10000
local machine = tonumber(ARGV[1])
if machine == 0 then
  local t = redis.call('TIME')
  machine = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
-- Adding zero turns minus zero into zero.
local function int(x) return string.format('%.0f', x + 0) end
local moved = redis.call('HMGET', 'naap:live:clock', 'clock', 'machine')
local now = tonumber(moved[1] or int(machine)) + math.min(STEP, math.max(0, machine - tonumber(moved[2] or int(machine))))
if moved[2] ~= int(machine) then redis.call('HSET', 'naap:live:clock', 'clock', int(now), 'machine', int(machine)) end
local seen = 'naap:live:seen'
if ARGV[2] == 'late' then
  return redis.call('ZRANGEBYSCORE', seen, '-inf', int(now - tonumber(ARGV[4])), 'LIMIT', 0, 100)
end
-- Counted from the start, so that a stream that never got a heartbeat ends too.
if ARGV[2] == 'seen' then return redis.call('ZADD', seen, int(now), ARGV[3]) end
local watched = 'naap:live:watched'
if ARGV[2] == 'watch' then return redis.call('ZADD', watched, int(now + tonumber(ARGV[4])), ARGV[3]) end
if ARGV[2] == 'due' then
  local due = redis.call('ZRANGEBYSCORE', watched, '-inf', int(now), 'LIMIT', 0, 100)
  for _, name in ipairs(due) do redis.call('ZADD', watched, int(now + tonumber(ARGV[4])), name) end
  return due
end
if ARGV[2] == 'home' then
  local others = {}
  for i = 5, #ARGV do
    local of = 'naap:live:' .. ARGV[i]
    local s = redis.call('HMGET', of, 'json', 'ended', 'home', 'placed')
    if s[1] and not s[2] and (not s[3] or s[3] == ARGV[3] or now - tonumber(s[4]) > tonumber(ARGV[4])) then
      redis.call('HSET', of, 'home', ARGV[3], 'placed', int(now))
      redis.call('HDEL', of, 'without')
    else
      others[#others + 1] = ARGV[i]
    end
  end
  return others
end
local key = 'naap:live:' .. ARGV[3]
if redis.call('EXISTS', key) == 0 or redis.call('HEXISTS', key, 'ended') == 1 then return {'GONE'} end
if ARGV[2] == 'claim' then
  local s = redis.call('HMGET', key, 'home', 'placed', 'without')
  if s[1] and s[1] ~= ARGV[5] and now - tonumber(s[2]) <= tonumber(ARGV[4]) then return {'PLACED'} end
  local without = tonumber(s[3] or int(now))
  redis.call('HSET', key, 'home', ARGV[5], 'placed', int(now), 'without', int(without))
  return {'CLAIMED', int(now - without)}
end
local since = redis.call('HGET', key, 'since')
local seq = redis.call('HGET', key, 'seq') or '0'
if ARGV[2] == 'beat' then
  redis.call('ZADD', seen, int(now), ARGV[3])
  redis.call('PEXPIRE', key, 86400000)
  if not since then
    redis.call('HSET', key, 'since', int(now))
    return {'STARTED'}
  end
  -- Where the clock was set back, the stretch begins again: at most one is not billed.
  if now < tonumber(since) then redis.call('HSET', key, 'since', int(now)) end
  if now - tonumber(since) < tonumber(ARGV[4]) then return {'EARLY'} end
  redis.call('HSET', key, 'since', int(now))
  redis.call('HINCRBY', key, 'seq', 1)
  return {'STRETCH', seq, since, int(now)}
end
local last = redis.call('ZSCORE', seen, ARGV[3])
local upto = now
if ARGV[4] == 'silent' then upto = tonumber(last or since or int(now)) end
redis.call('HSET', key, 'ended', ARGV[5])
redis.call('ZREM', seen, ARGV[3])
redis.call('PEXPIRE', key, 86400000)
return {'STRETCH', seq, since or int(upto), int(upto)}
