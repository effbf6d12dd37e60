-- One decision, all or nothing. Every number stays below 2^53, where Lua is exact; sums are kept by HINCRBY.
-- What a policy limits is counted per key ('k') or over all keys of the tenant ('t'). A minute of units is counted in buckets of
-- a second and reaches 60 to 61 seconds back: never more than the limit in any minute, a wait of up to a second too long.
-- ARGV: now, hold, tenant, key, ttl, cost, prepaid, start, units, (unit, amount)...,
--       policies, (subject, kind, what, limit)... with kind one of rpm, rpd, concurrent, minute, day, month, lifetime.
local P = 'naap:adm:'
local now = tonumber(ARGV[1])
if now == 0 then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
-- Adding zero makes minus zero plain.
local function int(x) return string.format('%.0f', x + 0) end
local hold, tenant, key = ARGV[2], ARGV[3], ARGV[4]
local ttl, cost, prepaid, start = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8]

local DAY = 86400000
local days = math.floor(now / DAY)
local z = days + 719468
local era = math.floor(z / 146097)
local doe = z - era * 146097
local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
local year = yoe + era * 400
local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
local mp = math.floor((5 * doy + 2) / 153)
local dom = doy - math.floor((153 * mp + 2) / 5) + 1
local month = mp < 10 and mp + 3 or mp - 9
if month <= 2 then year = year + 1 end
local lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
local length = lengths[month]
if month == 2 and (year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)) then length = 29 end
local tilDay = DAY - now % DAY
local reset = {day = tilDay, month = tilDay + (length - dom) * DAY, lifetime = -1}
local date = string.format('%04d-%02d-%02d', year, month, dom)
local subjects = {}
for name, base in pairs({k = P .. 'k:' .. key, t = P .. 't:' .. tenant}) do
  subjects[name] = {
    base = base,
    window = {day = base .. ':d:' .. date, month = base .. ':m:' .. string.sub(date, 1, 7), lifetime = base .. ':l'},
    recent = base .. ':r', running = base .. ':c', minute = base .. ':u'
  }
end
local money = P .. 't:' .. tenant
local record = P .. 'h:' .. hold

local at = 9
local units, text = {}, {}
for _ = 1, tonumber(ARGV[at]) do
  units[ARGV[at + 1]] = tonumber(ARGV[at + 2])
  text[#text + 1] = ARGV[at + 1] .. '=' .. ARGV[at + 2]
  at = at + 2
end
at = at + 1

if redis.call('EXISTS', record) == 1 then
  return {'ADMITTED', redis.call('HGET', record, 'f') or ''}
end
for _, name in ipairs({'k', 't'}) do
  if redis.call('HEXISTS', subjects[name].window.lifetime, 'seeded') == 0 then return {'SEED', name} end
end

local violated = false
local states = {}
-- A policy's state: remaining (as if this request were admitted, or as it is when refused), milliseconds to reset, violated.
local function state(limit, used, need, untilReset)
  local bad = used + need > limit
  if bad then violated = true end
  states[#states + 1] = {limit - used, need, untilReset, bad}
end
local second = math.floor(now / 1000)
-- The last minute's units of a subject, as {unit = {{second, amount}...}}; what is older goes.
local function minute(subject)
  if subject.used then return subject.used end
  local used, old = {}, {}
  local flat = redis.call('HGETALL', subject.minute)
  for i = 1, #flat, 2 do
    local unit, from = string.match(flat[i], '^([%w_]+):(%d+)$')
    if tonumber(from) < second - 60 then
      old[#old + 1] = flat[i]
    else
      used[unit] = used[unit] or {}
      table.insert(used[unit], {tonumber(from), tonumber(flat[i + 1])})
    end
  end
  for _, field in ipairs(old) do redis.call('HDEL', subject.minute, field) end
  subject.used = used
  return used
end
local starts, rates = {}, {}
for _ = 1, tonumber(ARGV[at]) do
  local name, kind, what, limit = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  at = at + 4
  local subject = subjects[name]
  local need = what == 'nano_usd' and cost or (units[what] or 0)
  if kind == 'rpm' then
    starts[name] = true
    redis.call('ZREMRANGEBYSCORE', subject.recent, '-inf', int(now - 60000))
    local count = redis.call('ZCARD', subject.recent)
    local first = redis.call('ZRANGE', subject.recent, 0, 0, 'WITHSCORES')
    local wait = 60000
    if first[2] then wait = math.max(1, tonumber(first[2]) + 60000 - now) end
    state(limit, count, 1, wait)
  elseif kind == 'rpd' then
    state(limit, tonumber(redis.call('HGET', subject.window.day, 'starts') or '0'), 1, tilDay)
  elseif kind == 'concurrent' then
    state(limit, redis.call('ZCOUNT', subject.running, '(' .. int(now), '+inf'), 1, 1000)
  elseif kind == 'minute' then
    -- Also what is not expected: settling counts what was measured.
    rates[name .. ':' .. what] = true
    local buckets, used = minute(subject)[what] or {}, 0
    table.sort(buckets, function(one, two) return one[1] < two[1] end)
    for _, bucket in ipairs(buckets) do used = used + bucket[2] end
    -- When enough has left the minute for this job, or the first of it when the job fits.
    local wait, left = 61000, used
    for _, bucket in ipairs(buckets) do
      left = left - bucket[2]
      if used + need <= limit or left + need <= limit then
        wait = (bucket[1] + 61) * 1000 - now
        break
      end
    end
    if need == 0 then
      states[#states + 1] = {limit - used, 0, wait, false}
    else
      state(limit, used, need, wait)
    end
  else
    local used = tonumber(redis.call('HGET', subject.window[kind], what) or '0')
    -- What this job does not use cannot refuse it.
    if need == 0 then
      states[#states + 1] = {limit - used, 0, reset[kind], false}
    else
      state(limit, used, need, reset[kind])
    end
  end
end

local function answer(head)
  for _, s in ipairs(states) do
    local left = s[1]
    if head[1] == 'ADMITTED' then left = left - s[2] end
    head[#head + 1] = int(math.max(0, left))
    head[#head + 1] = int(s[3])
    head[#head + 1] = s[4] and '1' or '0'
  end
  return head
end

if violated then return answer({'REFUSED', ''}) end
local funding = ''
if prepaid == '1' then
  funding = redis.call('HGET', money, 'funding') or ''
  local available = tonumber(redis.call('HGET', money, 'available') or '0')
  if funding == '' or available < cost then
    return {'MONEY', redis.call('HGET', money, 'total') or '0', int(available)}
  end
  redis.call('HINCRBY', money, 'available', int(-cost))
end

for name, subject in pairs(subjects) do
  if start == '1' then
    if starts[name] then
      redis.call('ZADD', subject.recent, int(now), hold)
      redis.call('PEXPIRE', subject.recent, 61000)
    end
    redis.call('HINCRBY', subject.window.day, 'starts', 1)
  end
  for _, window in pairs(subject.window) do
    for unit, amount in pairs(units) do
      redis.call('HINCRBY', window, unit, int(amount))
    end
    redis.call('HINCRBY', window, 'nano_usd', int(cost))
  end
  redis.call('PEXPIRE', subject.window.day, 3 * DAY)
  redis.call('PEXPIRE', subject.window.month, 63 * DAY)
  redis.call('PEXPIRE', subject.window.lifetime, 63 * DAY)
  redis.call('ZADD', subject.running, int(now + ttl), hold)
  redis.call('PEXPIRE', subject.running, 3 * DAY)
end
local rated = {}
for rate in pairs(rates) do
  local name, unit = string.match(rate, '^(.):(.+)$')
  if (units[unit] or 0) > 0 then
    redis.call('HINCRBY', subjects[name].minute, unit .. ':' .. int(second), int(units[unit]))
    redis.call('PEXPIRE', subjects[name].minute, 62000)
  end
  rated[#rated + 1] = rate
end
redis.call('ZADD', P .. 'holds', int(now + ttl), hold)
redis.call('HSET', record, 's', 'held', 't', tenant, 'k', key, 'date', date, 'cost', int(cost), 'p', prepaid, 'f', funding,
  'u', table.concat(text, ','), 'at', int(second), 'rates', table.concat(rated, ','))
return answer({'ADMITTED', funding})
