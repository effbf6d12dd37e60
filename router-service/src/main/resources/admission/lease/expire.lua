-- Takes back what is out to routers that are dead.

local function takeBackMoney(key, amount)
  redis.call('HINCRBY', key, 'available', int(amount))
  redis.call('HINCRBY', key, 'leased', int(-amount))
end

-- Takes back a part of one amount: what was kept, or all. Returns what stays out.
local function takeBackAmount(key, name, held, kept, all, second)
  if name == 'money' then
    takeBackMoney(key, kept)
    return held - kept
  end
  local text = redis.call('HGET', key, name)
  if not text then return 0 end
  if isPerMinute(name) then
    -- It may have been used just now.
    local out, seconds = unpackMinute(text, second)
    if not all then addSecond(seconds, second, held, second) end
    redis.call('HSET', key, name, packMinute(out - held, seconds))
    return 0
  end
  local used, out = unpackUsed(text)
  -- What runs at once ends with the router.
  if name == 'c' then kept = held end
  redis.call('HSET', key, name, int(used) .. '/' .. int(out - kept))
  return held - kept
end

-- Takes back a part of what is out to a router of one subject. Returns the record of what stays out.
local function takeBack(subject, record, all, second)
  local left = {['@'] = record['@']}
  record['@'] = nil
  for name, one in pairs(record) do
    left[name] = {takeBackAmount(P .. subject, name, one[1], all and one[1] or one[2], all, second), 0}
  end
  return packRecord(left)
end

local function eachSubject(record, work)
  local flat = redis.call('HGETALL', record)
  for i = 1, #flat, 2 do
    if string.sub(flat[i], 1, 1) ~= '~' then work(flat[i], unpackRecord(flat[i + 1])) end
  end
end

-- A router whose lease is over: what it kept is free, the rest stays out under its lost record.
local function bury(dead, clock, second)
  local record, lost = P .. 'i:' .. dead, P .. 'x:' .. dead
  eachSubject(record, function(subject, out)
    local left = takeBack(subject, out, false, second)
    if left ~= '' then redis.call('HSET', lost, subject, left) end
  end)
  local ended = redis.call('HMGET', record, '~call', '~before')
  if ended[1] then redis.call('HSET', lost, '~call', ended[1], '~before', ended[2] or '') end
  redis.call('DEL', record)
  redis.call('ZREM', ROUTERS, dead)
  redis.call('ZADD', LOST, int(clock), dead)
end

-- A router that was lost for so long does not come back: what it may have used counts as unused.
local function giveUp(gone, second)
  local lost = P .. 'x:' .. gone
  eachSubject(lost, function(subject, out) takeBack(subject, out, true, second) end)
  redis.call('DEL', lost)
  redis.call('ZREM', LOST, gone)
end

-- Once a second, and one router at a time.
local function expire(store, me, givenUpAfter)
  if store.swept + 1000 > store.clock then return end
  local dead = redis.call('ZRANGEBYSCORE', ROUTERS, '-inf', '(' .. int(store.clock), 'LIMIT', 0, 1)[1]
  if dead and dead ~= me then bury(dead, store.clock, store.second) end
  local gone = redis.call('ZRANGEBYSCORE', LOST, '-inf', '(' .. int(store.clock - givenUpAfter), 'LIMIT', 0, 1)[1]
  if gone then giveUp(gone, store.second) end
  redis.call('ZREMRANGEBYSCORE', RECALL, '-inf', int(store.clock - 5000))
  store.routers = max(1, redis.call('ZCARD', ROUTERS))
  for _, part in ipairs({'swept', int(store.clock), 'routers', int(store.routers)}) do store.save[#store.save + 1] = part end
end
