-- One decision, all or nothing. Every number stays below 2^53, where Lua is exact; sums are kept by HINCRBY.
-- ARGV: now, hold, tenant, key, ttl, cost, prepaid, start, rpm, rpd, concurrent,
--       units, (unit, amount)..., caps, (what, window, limit)...
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
local rpm, rpd, concurrent = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])

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
local window = {
  day = P .. 'k:' .. key .. ':d:' .. string.format('%04d-%02d-%02d', year, month, dom),
  month = P .. 'k:' .. key .. ':m:' .. string.format('%04d-%02d', year, month),
  lifetime = P .. 'k:' .. key .. ':l'
}
local recent = P .. 'k:' .. key .. ':r'
local running = P .. 'k:' .. key .. ':c'
local money = P .. 't:' .. tenant
local record = P .. 'h:' .. hold

local at = 12
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
if redis.call('HEXISTS', window.lifetime, 'seeded') == 0 then return {'SEED'} end

local violated = false
local states = {}
-- A policy's state: remaining (as if this request were admitted, or as it is when refused), milliseconds to reset, violated.
local function state(limit, used, need, untilReset)
  local bad = used + need > limit
  if bad then violated = true end
  states[#states + 1] = {limit - used, need, untilReset, bad}
end
if rpm >= 0 then
  redis.call('ZREMRANGEBYSCORE', recent, '-inf', int(now - 60000))
  local count = redis.call('ZCARD', recent)
  local first = redis.call('ZRANGE', recent, 0, 0, 'WITHSCORES')
  local wait = 60000
  if first[2] then wait = math.max(1, tonumber(first[2]) + 60000 - now) end
  state(rpm, count, 1, wait)
end
if rpd >= 0 then
  state(rpd, tonumber(redis.call('HGET', window.day, 'starts') or '0'), 1, tilDay)
end
if concurrent >= 0 then
  state(concurrent, redis.call('ZCOUNT', running, '(' .. int(now), '+inf'), 1, 1000)
end
local ncaps = tonumber(ARGV[at])
for _ = 1, ncaps do
  local what, name, limit = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  at = at + 3
  local need = what == 'nano_usd' and cost or (units[what] or 0)
  local used = tonumber(redis.call('HGET', window[name], what) or '0')
  -- What this job does not use cannot refuse it.
  if need == 0 then
    states[#states + 1] = {limit - used, 0, reset[name], false}
  else
    state(limit, used, need, reset[name])
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

if start == '1' then
  redis.call('ZADD', recent, int(now), hold)
  redis.call('PEXPIRE', recent, 61000)
  redis.call('HINCRBY', window.day, 'starts', 1)
end
for _, name in ipairs({'day', 'month', 'lifetime'}) do
  for unit, amount in pairs(units) do
    redis.call('HINCRBY', window[name], unit, int(amount))
  end
  redis.call('HINCRBY', window[name], 'nano_usd', int(cost))
end
redis.call('PEXPIRE', window.day, 3 * DAY)
redis.call('PEXPIRE', window.month, 63 * DAY)
redis.call('PEXPIRE', window.lifetime, 63 * DAY)
redis.call('ZADD', running, int(now + ttl), hold)
redis.call('PEXPIRE', running, 3 * DAY)
redis.call('ZADD', P .. 'holds', int(now + ttl), hold)
redis.call('HSET', record, 's', 'held', 't', tenant, 'k', key, 'd', window.day, 'm', window.month,
  'l', window.lifetime, 'cost', int(cost), 'p', prepaid, 'f', funding, 'u', table.concat(text, ','))
return answer({'ADMITTED', funding})
