-- Settles a hold once with what was measured, or gives it back when it expired.
-- ARGV: now, mode ('settle' or 'sweep'), hold, cost, units, (unit, amount)...   For a sweep: now, 'sweep', limit.
local P = 'naap:adm:'
local DAY = 86400000
local now = tonumber(ARGV[1])
if now == 0 then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
-- Adding zero makes minus zero plain.
local function int(x) return string.format('%.0f', x + 0) end

-- Replaces what a hold reserved by what is given, and ends it in a state.
local function replace(hold, cost, units, ended)
  local record = P .. 'h:' .. hold
  local h = {}
  local flat = redis.call('HGETALL', record)
  for i = 1, #flat, 2 do h[flat[i]] = flat[i + 1] end
  if not h.s then return 'UNKNOWN' end
  if h.s == 'settled' or h.s == ended then return 'DUPLICATE' end
  local change = {}
  for unit, amount in pairs(units) do change[unit] = amount end
  local changeOfCost = cost
  -- An expired hold has given everything back already.
  if h.s == 'held' then
    for unit, amount in string.gmatch(h.u, '([%w_]+)=(%d+)') do
      change[unit] = (change[unit] or 0) - tonumber(amount)
    end
    changeOfCost = cost - tonumber(h.cost)
  end
  change['nano_usd'] = changeOfCost
  for _, base in ipairs({P .. 'k:' .. h.k, P .. 't:' .. h.t}) do
    local day, month, lifetime = base .. ':d:' .. h.date, base .. ':m:' .. string.sub(h.date, 1, 7), base .. ':l'
    for unit, amount in pairs(change) do
      if amount ~= 0 then
        redis.call('HINCRBY', day, unit, int(amount))
        redis.call('HINCRBY', month, unit, int(amount))
        redis.call('HINCRBY', lifetime, unit, int(amount))
      end
    end
    redis.call('PEXPIRE', day, 3 * DAY)
    redis.call('PEXPIRE', month, 63 * DAY)
    redis.call('PEXPIRE', lifetime, 63 * DAY)
    redis.call('ZREM', base .. ':c', hold)
  end
  -- The minute of units knows what was really used, too, for as long as it looks back.
  if tonumber(h.at) >= math.floor(now / 1000) - 60 then
    for name, unit in string.gmatch(h.rates, '(.):([%w_]+)') do
      local minute = (name == 'k' and P .. 'k:' .. h.k or P .. 't:' .. h.t) .. ':u'
      if (change[unit] or 0) ~= 0 then
        redis.call('HINCRBY', minute, unit .. ':' .. h.at, int(change[unit]))
        redis.call('PEXPIRE', minute, 62000)
      end
    end
  end
  if h.p == '1' and changeOfCost ~= 0 then
    redis.call('HINCRBY', P .. 't:' .. h.t, 'available', int(-changeOfCost))
  end
  redis.call('ZREM', P .. 'holds', hold)
  redis.call('HSET', record, 's', ended)
  -- Remembered for longer than any replay of the spool may take.
  redis.call('PEXPIRE', record, 3 * DAY)
  return 'DONE'
end

if ARGV[2] == 'sweep' then
  local expired = redis.call('ZRANGEBYSCORE', P .. 'holds', '-inf', int(now), 'LIMIT', 0, tonumber(ARGV[3]))
  for _, hold in ipairs(expired) do
    if replace(hold, 0, {}, 'expired') == 'UNKNOWN' then redis.call('ZREM', P .. 'holds', hold) end
  end
  return {'DONE', int(#expired)}
end
local units = {}
local at = 5
for _ = 1, tonumber(ARGV[at]) do
  units[ARGV[at + 1]] = tonumber(ARGV[at + 2])
  at = at + 2
end
return {replace(ARGV[3], tonumber(ARGV[4]), units, 'settled')}
