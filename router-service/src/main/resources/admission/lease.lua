-- The one script of leases: takes a router's reports and what it gives back, grants shares, and takes the shares of a dead router.
-- Every number stays below 2^53, where Lua is exact; money is added by HINCRBY.
--
-- A limited amount is kept as used and out: "used/out" for caps, "out/second:used,..." for what looks back a minute. What is out is
-- with routers: free = limit - used - out. A router's record says of each amount "held:kept": what is out to it, and how much of that
-- it has promised not to touch before it was answered again, and under '@' up to which position of its spool it has reported. A dead router's kept part is free again; the rest stays out, because the
-- router may have spent it, until it comes back with its spool or is given up.
--
-- The store's clock moves with the machine's, never back, and at most STEP between two calls: a clock that is set, or a store that was
-- away, ends no lease and empties no minute.
--
-- A server that was started anew, or took over from another one, may have an older memory than routers were answered from. So every
-- run of a server is another life of the store, as if it had been emptied: 'epoch' names it, and a subject's hash of another life, whose
-- 'e' is not this one, is not read.
--
-- ARGV: now (0 for the machine's), epoch as known, epoch to begin, instance, call, lease ms, rebuild ms, given up after ms,
--       hello ('1'), uncommitted, since, run (empty for the server's), subjects,
--       each: subject, position, anew, seeds (what, date, day, month, lifetime)..., as many as said,
--             amounts (name, window, limit, spent, back, need, want, kept, carried)..., as many as said
local P = 'naap:adm:'
local STEP = 500
local machine = tonumber(ARGV[1])
if machine == 0 then
  local t = redis.call('TIME')
  machine = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
-- Adding zero makes minus zero plain.
local function int(x) return string.format('%.0f', x + 0) end
local function max(a, b) if a > b then return a end return b end
local function min(a, b) if a < b then return a end return b end

local known, fresh, me, call = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local lease, rebuild, abandoned = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local I, X = P .. 'i:', P .. 'x:'

local run = ARGV[12]
if run == '' then run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '-' end
local s = redis.call('HMGET', P .. 'store', 'epoch', 'clock', 'machine', 'swept', 'routers', 'run')
if s[1] and s[6] ~= run then
  for list, kind in pairs({routers = I, lost = X}) do
    for _, router in ipairs(redis.call('ZRANGE', P .. list, 0, -1)) do redis.call('DEL', kind .. router) end
    redis.call('DEL', P .. list)
  end
  redis.call('DEL', P .. 'store', P .. 'recall')
  s = {}
end
local epoch, clock, last, swept, routers = s[1], tonumber(s[2] or '0'), tonumber(s[3] or int(machine)), tonumber(s[4] or '0'),
  tonumber(s[5] or '1')
local save = {}
if not epoch then
  epoch = fresh
  save = {'epoch', epoch, 'run', run}
end
local step = machine - last
if step < 0 or step >= 100 or not s[3] then
  clock = clock + min(max(step, 0), STEP)
  save[#save + 1] = 'clock'
  save[#save + 1] = int(clock)
  save[#save + 1] = 'machine'
  save[#save + 1] = int(machine)
else
  clock = clock + step
end
local second = math.floor(clock / 1000)

local DAY = 86400000
local function civil(days)
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
  return string.format('%04d-%02d-%02d', year, month, dom), year, month, dom
end
local days = math.floor(machine / DAY)
local date, year, month, dom = civil(days)
local lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
local length = lengths[month]
if month == 2 and (year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)) then length = 29 end
local tilDay = DAY - machine % DAY
local tilMonth = tilDay + (length - dom) * DAY
local windows = {d = date, m = string.sub(date, 1, 7)}
local resets = {d = tilDay, m = tilMonth, l = -1, c = 1000}

-- The field of an amount: windows have their day or month in the name, so that a new one begins at nothing.
local function field(name, window)
  local kind, what = string.match(name, '^(%a)%.(.+)$')
  if kind == 'd' or kind == 'm' then return kind .. '.' .. window .. '.' .. what end
  return name
end
local function kind(name) return name == 'money' and 'money' or string.match(name, '^%a+') end
local function looksBack(name) return name == 'rpm' or string.sub(name, 1, 2) == 'u.' end

local function unpackRecord(text)
  local record = {}
  for name, held, kept in string.gmatch(text or '', '([^=;]+)=(-?%d+):(%d+)') do
    record[name] = {tonumber(held), tonumber(kept)}
  end
  return record
end
local function packRecord(record)
  local parts = {}
  for name, one in pairs(record) do
    if one[1] ~= 0 and name ~= '@' then parts[#parts + 1] = name .. '=' .. int(one[1]) .. ':' .. int(one[2]) end
  end
  if #parts == 0 then return '' end
  if record['@'] then parts[#parts + 1] = '@=' .. int(record['@'][1]) .. ':0' end
  table.sort(parts)
  return table.concat(parts, ';')
end
local function unpackBuckets(text)
  local out, rest = string.match(text or '0/', '^(-?%d+)/(.*)$')
  local buckets, sum = {}, 0
  for at, amount in string.gmatch(rest, '(%d+):(%d+)') do
    if tonumber(at) >= second - 60 then
      buckets[#buckets + 1] = {tonumber(at), tonumber(amount)}
      sum = sum + tonumber(amount)
    end
  end
  return tonumber(out), buckets, sum
end
local function addBucket(buckets, at, amount)
  if amount <= 0 or at < second - 60 then return 0 end
  for _, bucket in ipairs(buckets) do
    if bucket[1] == at then
      bucket[2] = bucket[2] + amount
      return amount
    end
  end
  buckets[#buckets + 1] = {at, amount}
  return amount
end
local function packBuckets(out, buckets)
  table.sort(buckets, function(one, two) return one[1] < two[1] end)
  local parts = {}
  for at, bucket in ipairs(buckets) do parts[at] = int(bucket[1]) .. ':' .. int(bucket[2]) end
  return int(out) .. '/' .. table.concat(parts, ',')
end

-- What a router that reports does not count, it may have served without: it is not known any more, and begins with what metering has,
-- like a new counter. So does what the router says it missed.
local function beginAnew(one)
  local key = P .. one.subject
  local counted, gone = {}, {}
  for _, a in ipairs(one.amounts) do counted[a.name] = a.limit >= 0 and not a.anew end
  local flat = redis.call('HGETALL', key)
  for i = 1, #flat, 2 do
    local name = string.match(flat[i], '^s%.(.+)$')
    if name and not counted[name] then
      redis.call('HDEL', key, flat[i])
      redis.call('HINCRBY', key, 'n', -1)
      gone[field(name, windows[string.sub(name, 1, 1)] or '')] = true
    end
  end
  for i = 1, #flat, 2 do
    if gone[flat[i]] then redis.call('HSET', key, flat[i], '0' .. string.match(flat[i + 1], '/.*$')) end
  end
end

-- Takes a part of what is out to a router back: all of an amount that ends with the router, else what it kept.
local function takeBack(subject, record, all)
  local key = P .. subject
  local left = {['@'] = record['@']}
  record['@'] = nil
  for name, one in pairs(record) do
    local held, kept = one[1], one[2]
    if all then kept = held end
    if name == 'money' then
      redis.call('HINCRBY', key, 'available', int(kept))
      redis.call('HINCRBY', key, 'leased', int(-kept))
      left[name] = {held - kept, 0}
    else
      local text = redis.call('HGET', key, name)
      if text then
        if looksBack(name) then
          -- It may have been used just now.
          local out, buckets = unpackBuckets(text)
          if not all then addBucket(buckets, second, held) end
          redis.call('HSET', key, name, packBuckets(out - held, buckets))
        else
          local used, out = string.match(text, '^(-?%d+)/(-?%d+)$')
          if name == 'c' then kept = held end
          redis.call('HSET', key, name, used .. '/' .. int(tonumber(out) - kept))
          if name ~= 'c' then left[name] = {held - kept, 0} end
        end
      end
    end
  end
  return packRecord(left)
end

if known ~= epoch then
  if #save > 0 then redis.call('HSET', P .. 'store', unpack(save)) end
  if ARGV[9] ~= '1' then return {'EPOCH', epoch, int(clock)} end
end

if swept + 1000 <= clock then
  save[#save + 1] = 'swept'
  save[#save + 1] = int(clock)
  local dead = redis.call('ZRANGEBYSCORE', P .. 'routers', '-inf', '(' .. int(clock), 'LIMIT', 0, 1)[1]
  if dead and dead ~= me then
    local flat = redis.call('HGETALL', I .. dead)
    local moved = {}
    for i = 1, #flat, 2 do
      if string.sub(flat[i], 1, 1) ~= '~' then
        local left = takeBack(flat[i], unpackRecord(flat[i + 1]), false)
        if left ~= '' then redis.call('HSET', X .. dead, flat[i], left) end
      end
    end
    local ended = redis.call('HMGET', I .. dead, '~call', '~before')
    if ended[1] then redis.call('HSET', X .. dead, '~call', ended[1], '~before', ended[2] or '') end
    redis.call('DEL', I .. dead)
    redis.call('ZREM', P .. 'routers', dead)
    redis.call('ZADD', P .. 'lost', int(clock), dead)
  end
  local gone = redis.call('ZRANGEBYSCORE', P .. 'lost', '-inf', '(' .. int(clock - abandoned), 'LIMIT', 0, 1)[1]
  if gone then
    local flat = redis.call('HGETALL', X .. gone)
    for i = 1, #flat, 2 do
      if string.sub(flat[i], 1, 1) ~= '~' then takeBack(flat[i], unpackRecord(flat[i + 1]), true) end
    end
    redis.call('DEL', X .. gone)
    redis.call('ZREM', P .. 'lost', gone)
  end
  redis.call('ZREMRANGEBYSCORE', P .. 'recall', '-inf', int(clock - 5000))
  routers = max(1, redis.call('ZCARD', P .. 'routers'))
  save[#save + 1] = 'routers'
  save[#save + 1] = int(routers)
end

local record = I .. me
if ARGV[9] == '1' then
  local flat = redis.call('HGETALL', X .. me)
  for i = 1, #flat, 1000 do redis.call('HSET', record, unpack(flat, i, min(#flat, i + 999))) end
  redis.call('DEL', X .. me)
  redis.call('ZREM', P .. 'lost', me)
  -- A welcome that did not arrive is asked for again, and names the same call before it.
  local earlier = redis.call('HMGET', record, '~call', '~before')
  local before = earlier[1] == call and earlier[2] or earlier[1] or ''
  redis.call('HSET', record, '~call', call, '~before', before, '~reply', '', '~uncommitted', ARGV[10])
  redis.call('ZADD', P .. 'routers', int(clock + lease), me)
  if #save > 0 then redis.call('HSET', P .. 'store', unpack(save)) end
  local reply = {'HELLO', epoch, int(clock), date, int(tilDay), before}
  flat = redis.call('HGETALL', record)
  for i = 1, #flat, 2 do
    if string.sub(flat[i], 1, 1) ~= '~' then
      reply[#reply + 1] = flat[i]
      reply[#reply + 1] = flat[i + 1]
    end
  end
  return reply
end

local count = tonumber(ARGV[13])
local at = 13
local asked, names = {}, {'~call', '~reply'}
local seen = {}
for n = 1, count do
  -- Each subject is granted from what was read before the loop: a second time it would be granted the same again.
  if seen[ARGV[at + 1]] then return redis.error_reply('SUBJECT_TWICE ' .. ARGV[at + 1]) end
  seen[ARGV[at + 1]] = true
  local one = {subject = ARGV[at + 1], position = tonumber(ARGV[at + 2]), anew = ARGV[at + 3], seeds = {}, amounts = {}}
  at = at + 4
  for _ = 1, tonumber(ARGV[at]) do
    one.seeds[ARGV[at + 1]] = {d = ARGV[at + 3], m = ARGV[at + 4], l = ARGV[at + 5], date = ARGV[at + 2]}
    at = at + 5
  end
  at = at + 1
  for i = 1, tonumber(ARGV[at]) do
    one.amounts[i] = {
      name = ARGV[at + 1], window = ARGV[at + 2], limit = tonumber(ARGV[at + 3]), spent = ARGV[at + 4],
      back = tonumber(ARGV[at + 5]), need = tonumber(ARGV[at + 6]), want = tonumber(ARGV[at + 7]), kept = tonumber(ARGV[at + 8]),
      carried = tonumber(ARGV[at + 9])
    }
    at = at + 9
  end
  asked[n] = one
  names[n + 2] = one.subject
end
local mine = redis.call('HMGET', record, unpack(names))
if not mine[1] then
  if #save > 0 then redis.call('HSET', P .. 'store', unpack(save)) end
  return {'GONE', epoch, int(clock)}
end
if mine[1] == call then
  if #save > 0 then redis.call('HSET', P .. 'store', unpack(save)) end
  return cmsgpack.unpack(mine[2])
end

local reply = {'DONE', epoch, int(clock), date, int(tilDay)}
local unknown = false
local records = {'~call', call, '~reply', ''}
for n, one in ipairs(asked) do
  local key = P .. one.subject
  local held = unpackRecord(mine[n + 2])
  held['@'] = {one.position, 0}
  local fields, first = {}, true
  for i, a in ipairs(one.amounts) do
    local current = windows[string.match(a.name, '^(%a)%.')] or ''
    if a.window ~= current then
      -- What was used of a window that is over is of no interest.
      held[field(a.name, a.window)] = nil
      a.spent, a.back, a.carried = '0', 0, 0
      a.window = current
    end
    a.field = field(a.name, a.window)
    a.kind = kind(a.name)
    a.what = string.match(a.name, '^%a%.(.+)$')
    a.windowed = a.kind == 'd' or a.kind == 'm' or a.kind == 'l'
    fields[2 * i - 1] = a.kind == 'money' and 'available' or a.field
    fields[2 * i] = a.kind == 'money' and 'total' or (a.windowed and 's.' .. a.name or 'total')
  end
  local write = {}
  local n = #fields + 1
  fields[n], fields[n + 1] = 'n', 'e'
  local stored = redis.call('HMGET', key, unpack(fields))
  if stored[n + 1] ~= epoch then
    redis.call('DEL', key)
    stored = {}
    write = {'e', epoch}
  end
  local counted = 0
  for i, a in ipairs(one.amounts) do
    a.anew = string.find(one.anew, ';' .. a.name .. ';', 1, true)
    if a.windowed and a.limit >= 0 and not a.anew and stored[2 * i] then counted = counted + 1 end
  end
  if tonumber(stored[n] or '0') > counted then
    beginAnew(one)
    stored = redis.call('HMGET', key, unpack(fields))
  end
  local seeded = tonumber(stored[n] or '0')
  local status = 'OK'
  for i, a in ipairs(one.amounts) do
    if a.windowed and a.limit >= 0 and not stored[2 * i] then
      local seed = one.seeds[a.what]
      -- Of another day or month it says nothing of this one: to be asked again.
      if seed and string.sub(seed.date, 1, #a.window) == a.window then
        -- Only the first one's figures count; a later day or month begins at nothing.
        write[#write + 1] = 's.' .. a.name
        write[#write + 1] = '1'
        local u, o = string.match(stored[2 * i - 1] or '0/0', '^(-?%d+)/(-?%d+)$')
        stored[2 * i - 1] = int(tonumber(seed[a.kind]) + tonumber(u)) .. '/' .. o
        a.seeded = true
        seeded = seeded + 1
        write[#write + 1] = 'n'
        write[#write + 1] = int(seeded)
      else
        status = 'SEED'
      end
    end
  end
  if status == 'SEED' then unknown = true end
  if clock < rebuild then status = 'WAIT' end
  reply[#reply + 1] = one.subject
  local statusAt = #reply + 1
  reply[statusAt] = status
  for i, a in ipairs(one.amounts) do
    local has = held[a.field]
    local carried = 0
    if not has then
      has = {0, 0}
      -- What a router runs that this store has never heard of.
      carried = a.carried
    end
    local out, used, buckets, money = 0, 0, nil, nil
    local spent = 0
    if a.kind == 'money' then
      money = true
      spent = tonumber(a.spent)
    elseif looksBack(a.name) then
      out, buckets, used = unpackBuckets(stored[2 * i - 1])
      for age, amount in string.gmatch(a.spent, '(%d+):(%d+)') do
        spent = spent + tonumber(amount)
        used = used + addBucket(buckets, second - tonumber(age), tonumber(amount))
      end
    else
      local u, o = string.match(stored[2 * i - 1] or '0/0', '^(-?%d+)/(-?%d+)$')
      used, out = tonumber(u), tonumber(o)
      spent = tonumber(a.spent)
      used = used + spent
      -- Metering has it, or will have when it is asked.
      if a.anew or a.windowed and a.limit < 0 then used = 0 end
    end
    local before = has[1] + carried
    local after = before - spent - a.back
    local grant = 0
    -- What was spent beyond the share is taken in any case: the work is done.
    if after < 0 then grant = -after end
    local base = out + carried - spent - a.back
    local free
    if money then
      local available = tonumber(stored[2 * i - 1] or '0')
      free = min(available - carried + a.back - grant, 4503599627370496)
    else
      free = a.limit - used - base - grant
    end
    local given = 0
    if status == 'OK' and a.need + a.want > 0 then
      given = max(0, min(a.need, free))
      -- The nearer the limit, the smaller the share.
      if free > a.need then given = given + max(0, min(a.want, math.floor((free - a.need) / (4 * routers)))) end
      grant = grant + given
      free = free - given
    end
    local holds = after + grant
    local keeps = 0
    if a.kind == 'money' or a.windowed then keeps = min(max(0, holds), a.kept + max(0, math.floor((given - a.need) / 2))) end
    held[a.field] = {holds, keeps}
    local elsewhere
    if money then
      local change = a.back - grant - carried
      if change ~= 0 then redis.call('HINCRBY', key, 'available', int(change)) end
      local leased = grant + carried - spent - a.back
      if leased ~= 0 or a.need > free + grant then leased = redis.call('HINCRBY', key, 'leased', int(leased)) end
      if spent ~= 0 then redis.call('HINCRBY', key, 'spent', int(spent)) end
      elsewhere = leased - holds
      a.total, a.taken, a.reset = stored[2 * i] or '0', int(free), 1000
    else
      local nowOut = base + grant
      local text = buckets and packBuckets(nowOut, buckets) or int(used) .. '/' .. int(nowOut)
      if text ~= stored[2 * i - 1] or a.seeded then
        write[#write + 1] = a.field
        write[#write + 1] = text
        if not stored[2 * i - 1] then first = false end
      end
      elsewhere = nowOut - holds
      a.taken = int(used + nowOut)
      a.reset = resets[a.kind]
      if buckets then
        -- When enough has left the minute, or the first of it when nothing is missing.
        a.reset = 1000
        local left = used + nowOut
        for _, bucket in ipairs(buckets) do
          left = left - bucket[2]
          if left + max(1, a.need) <= a.limit or a.need <= grant then
            a.reset = max(1, (bucket[1] + 61) * 1000 - clock)
            break
          end
        end
      end
    end
    if status == 'OK' and grant < a.need and elsewhere > 0 then
      redis.call('ZADD', P .. 'recall', int(clock), one.subject)
    end
    reply[#reply + 1] = int(grant)
    reply[#reply + 1] = int(keeps)
    reply[#reply + 1] = a.taken
    reply[#reply + 1] = int(a.reset)
    reply[#reply + 1] = a.window
    reply[#reply + 1] = int(max(0, elsewhere))
    if money then
      reply[#reply + 1] = a.total
      reply[#reply + 1] = redis.call('HGET', key, 'funding') or ''
    end
  end
  if not first then
    -- A new day: what belongs to windows that are long over goes. Yesterday may come again, and tomorrow may have been here, where
    -- the machine's clock is set.
    local oldest = civil(days - 1)
    local oldestMonth = string.sub(civil(days - dom), 1, 7)
    for _, name in ipairs(redis.call('HKEYS', key)) do
      local window = string.match(name, '^d%.([%d-]+)%.')
      if window and window < oldest then redis.call('HDEL', key, name) end
      window = string.match(name, '^m%.([%d-]+)%.')
      if window and window < oldestMonth then redis.call('HDEL', key, name) end
    end
  end
  if not first or second % 50 == 0 then redis.call('PEXPIRE', key, 400 * DAY) end
  if #write > 0 then redis.call('HSET', key, unpack(write)) end
  records[#records + 1] = one.subject
  records[#records + 1] = packRecord(held)
end
local recalled = redis.call('ZRANGEBYSCORE', P .. 'recall', ARGV[11], '+inf')
reply[#reply + 1] = '~'
if unknown then
  -- Whose usage metering may not have stored yet.
  for _, router in ipairs(redis.call('ZRANGE', P .. 'routers', 0, 99)) do
    local position = redis.call('HGET', I .. router, '~uncommitted')
    if position and position ~= '0' then
      reply[#reply + 1] = '=' .. router
      reply[#reply + 1] = position
    end
  end
end
for _, subject in ipairs(recalled) do reply[#reply + 1] = subject end
-- Repeated when the answer was lost, and not done again.
records[4] = cmsgpack.pack(reply)
for i = 1, #records, 1000 do redis.call('HSET', record, unpack(records, i, min(#records, i + 999))) end
local ended = {}
for n, one in ipairs(asked) do
  if records[4 + 2 * n] == '' then ended[#ended + 1] = one.subject end
end
if #ended > 0 then redis.call('HDEL', record, unpack(ended)) end
redis.call('ZADD', P .. 'routers', int(clock + lease), me)
if #save > 0 then redis.call('HSET', P .. 'store', unpack(save)) end
return reply
