-- Takes a router's reports, and grants leases.

-- Reads what ARGV says of one subject, from a position on. Returns it, and the position of its last argument.
local function readSubject(n, at)
  local one = {
    subject = ARGV[at + 1], key = KEYS[SUBJECTS + n], position = tonumber(ARGV[at + 2]), anew = ARGV[at + 3], seeds = {}, amounts = {}
  }
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
  return one, at
end

-- Returns the subjects of the call, or nothing and the one that it names twice: each is granted from what was read before, so a second
-- time it would be granted the same again.
local function readSubjects()
  local asked, seen, at = {}, {}, 13
  for n = 1, tonumber(ARGV[13]) do
    local subject = ARGV[at + 1]
    if seen[subject] then return nil, subject end
    seen[subject] = true
    asked[n], at = readSubject(n, at)
  end
  return asked
end

-- Names the field of each amount in the window of now. What was used of a window that is over is of no interest.
local function intoWindows(one, held, windows)
  for _, a in ipairs(one.amounts) do
    local current = windows[string.match(a.name, '^(%a)%.')] or ''
    if a.window ~= current then
      held[field(a.name, a.window)] = nil
      a.spent, a.back, a.carried = '0', 0, 0
      a.window = current
    end
    a.field = field(a.name, a.window)
    a.kind = kindOf(a.name)
    a.what = string.match(a.name, '^%a%.(.+)$')
    a.windowed = a.kind == 'd' or a.kind == 'm' or a.kind == 'l'
    a.anew = string.find(one.anew, ';' .. a.name .. ';', 1, true)
  end
end

-- Reads of each amount its field, and whether its counter was seeded or, of money, all that was ever funded. Returns them, the number
-- of seeded counters, and the epoch they are of.
local function readStored(one)
  local fields = {}
  for i, a in ipairs(one.amounts) do
    fields[2 * i - 1] = a.kind == 'money' and 'available' or a.field
    fields[2 * i] = a.windowed and 's.' .. a.name or 'total'
  end
  local n = #fields + 1
  fields[n], fields[n + 1] = 'n', 'e'
  local stored = redis.call('HMGET', one.key, unpack(fields))
  return stored, tonumber(stored[n] or '0'), stored[n + 1]
end

-- A counter that the router does not name, it may have served without: it begins anew with what metering has. So does one that the
-- router says has missed usage.
local function beginAnew(one, windows)
  local counted, gone = {}, {}
  for _, a in ipairs(one.amounts) do counted[a.name] = a.limit >= 0 and not a.anew end
  local flat = redis.call('HGETALL', one.key)
  for i = 1, #flat, 2 do
    local name = string.match(flat[i], '^s%.(.+)$')
    if name and not counted[name] then
      redis.call('HDEL', one.key, flat[i])
      redis.call('HINCRBY', one.key, 'n', -1)
      gone[field(name, windows[string.sub(name, 1, 1)] or '')] = true
    end
  end
  for i = 1, #flat, 2 do
    if gone[flat[i]] then redis.call('HSET', one.key, flat[i], '0' .. string.match(flat[i + 1], '/.*$')) end
  end
end

-- What is stored of a subject in this epoch, without counters that begin anew. What is to be written of it is put into 'write'.
local function openSubject(one, epoch, windows, write)
  local stored, seeded, of = readStored(one)
  if of ~= epoch then
    redis.call('DEL', one.key)
    stored, seeded = {}, 0
    write[1], write[2] = 'e', epoch
  end
  local counted = 0
  for i, a in ipairs(one.amounts) do
    if a.windowed and a.limit >= 0 and not a.anew and stored[2 * i] then counted = counted + 1 end
  end
  if seeded > counted then
    beginAnew(one, windows)
    stored, seeded = readStored(one)
  end
  return stored, seeded
end

-- Begins counters with what metering has. Returns false when the router must be asked where one begins.
local function seed(one, stored, seeded, write)
  local known = true
  for i, a in ipairs(one.amounts) do
    if a.windowed and a.limit >= 0 and not stored[2 * i] then
      local start = one.seeds[a.what]
      -- Of another day or month it says nothing of this one.
      if start and string.sub(start.date, 1, #a.window) == a.window then
        -- Only the first router's figures count; a later day or month begins at nothing.
        seeded = seeded + 1
        for _, part in ipairs({'s.' .. a.name, '1', 'n', int(seeded)}) do write[#write + 1] = part end
        local used, out = unpackUsed(stored[2 * i - 1])
        stored[2 * i - 1] = int(tonumber(start[a.kind]) + used) .. '/' .. int(out)
        a.seeded = true
      else
        known = false
      end
    end
  end
  return known
end

-- What was used and is out of an amount, this report included. Of an amount per minute, by second.
local function count(a, text, second)
  local c = {used = 0, out = 0, spent = 0}
  if a.kind == 'money' then
    c.spent = tonumber(a.spent)
  elseif isPerMinute(a.name) then
    c.out, c.seconds, c.used = unpackMinute(text, second)
    for age, amount in string.gmatch(a.spent, '(%d+):(%d+)') do
      c.spent = c.spent + tonumber(amount)
      c.used = c.used + addSecond(c.seconds, second - tonumber(age), tonumber(amount), second)
    end
  else
    c.used, c.out = unpackUsed(text)
    c.spent = tonumber(a.spent)
    c.used = c.used + c.spent
    -- Metering has it, or will have when it is asked.
    if a.anew or a.windowed and a.limit < 0 then c.used = 0 end
  end
  return c
end

-- How much is granted of what is free: what is needed, and a part of what is wanted. The nearer the limit, the smaller that part.
local function share(a, free, routers)
  local given = max(0, min(a.need, free))
  if free > a.need then given = given + max(0, min(a.want, math.floor((free - a.need) / (4 * routers)))) end
  return given
end

-- When more may be had: of an amount per minute, when enough has left the minute, or the first of it when nothing is missing.
local function resetOf(a, c, today, taken, grant, clock)
  if not c.seconds then return today.resets[a.kind] end
  local left = taken
  for _, one in ipairs(c.seconds) do
    left = left - one[2]
    if left + max(1, a.need) <= a.limit or a.need <= grant then return max(1, (one[1] + 61) * 1000 - clock) end
  end
  return 1000
end

-- Writes what changed of a tenant's pool. Returns what other routers have of it.
local function storeMoney(key, a, c, grant, carried, holds, free)
  local change = a.back - grant - carried
  if change ~= 0 then redis.call('HINCRBY', key, 'available', int(change)) end
  local leased = grant + carried - c.spent - a.back
  if leased ~= 0 or a.need > free + grant then leased = redis.call('HINCRBY', key, 'leased', int(leased)) end
  if c.spent ~= 0 then redis.call('HINCRBY', key, 'spent', int(c.spent)) end
  return leased - holds
end

-- Notes what changed of a counter. Returns true when it is new.
local function storeCounter(a, c, out, text, write)
  local now = c.seconds and packMinute(out, c.seconds) or int(c.used) .. '/' .. int(out)
  if now == text and not a.seeded then return false end
  write[#write + 1] = a.field
  write[#write + 1] = now
  return not text
end

-- Takes the report about one amount and grants more of it; returns true when its counter is new.
local function grantAmount(one, a, i, stored, held, status, store, today, reply, write)
  local has, carried = held[a.field], 0
  if not has then
    has = {0, 0}
    -- What the router runs and Redis has never heard of.
    carried = a.carried
  end
  local text = stored[2 * i - 1]
  local c = count(a, text, store.second)
  local money = a.kind == 'money'
  local after = has[1] + carried - c.spent - a.back
  -- What was spent beyond the lease is taken in any case: the work is done.
  local grant = after < 0 and -after or 0
  local base = c.out + carried - c.spent - a.back
  local free
  if money then
    free = min(tonumber(text or '0') - carried + a.back - grant, 4503599627370496)
  else
    free = a.limit - c.used - base - grant
  end
  local given = 0
  if status == 'OK' and a.need + a.want > 0 then
    given = share(a, free, store.routers)
    grant = grant + given
    free = free - given
  end
  local holds = after + grant
  local keeps = 0
  if money or a.windowed then keeps = min(max(0, holds), a.kept + max(0, math.floor((given - a.need) / 2))) end
  held[a.field] = {holds, keeps}
  local elsewhere, taken, reset, new = 0, free, 1000, false
  if money then
    elsewhere = storeMoney(one.key, a, c, grant, carried, holds, free)
  else
    local out = base + grant
    new = storeCounter(a, c, out, text, write)
    elsewhere, taken = out - holds, c.used + out
    reset = resetOf(a, c, today, taken, grant, store.clock)
  end
  if status == 'OK' and grant < a.need and elsewhere > 0 then redis.call('ZADD', RECALL, int(store.clock), one.subject) end
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = int(grant), int(keeps), int(taken), int(reset)
  reply[n + 5], reply[n + 6] = a.window, int(max(0, elsewhere))
  if money then
    reply[n + 7] = stored[2 * i] or '0'
    reply[n + 8] = redis.call('HGET', one.key, 'funding') or ''
  end
  return new
end

-- What belongs to windows that are long over goes.
local function dropOldWindows(key, today)
  for _, name in ipairs(redis.call('HKEYS', key)) do
    local day, month = string.match(name, '^d%.([%d-]+)%.'), string.match(name, '^m%.([%d-]+)%.')
    if day and day < today.oldestDay or month and month < today.oldestMonth then redis.call('HDEL', key, name) end
  end
end

-- Does what is asked of one subject. Returns its record, and false when it is not known where its counters begin.
local function grantSubject(one, record, store, today, rebuild, reply)
  local held, write = unpackRecord(record), {}
  held['@'] = {one.position, 0}
  intoWindows(one, held, today.windows)
  local stored, seeded = openSubject(one, store.epoch, today.windows, write)
  local known = seed(one, stored, seeded, write)
  local status = known and 'OK' or 'SEED'
  if store.clock < rebuild then status = 'WAIT' end
  reply[#reply + 1] = one.subject
  reply[#reply + 1] = status
  local new = false
  for i, a in ipairs(one.amounts) do
    if grantAmount(one, a, i, stored, held, status, store, today, reply, write) then new = true end
  end
  if new then dropOldWindows(one.key, today) end
  if new or store.second % 50 == 0 then redis.call('PEXPIRE', one.key, 400 * DAY) end
  if #write > 0 then redis.call('HSET', one.key, unpack(write)) end
  return packRecord(held), known
end

-- By router: up to where metering must have stored its usage before it is asked where counters begin.
local function addUncommitted(reply)
  for _, router in ipairs(redis.call('ZRANGE', ROUTERS, 0, 99)) do
    local position = redis.call('HGET', P .. 'i:' .. router, '~uncommitted')
    if position and position ~= '0' then
      reply[#reply + 1] = '=' .. router
      reply[#reply + 1] = position
    end
  end
end

local function grantAll(asked, mine, store, today, call, rebuild, since)
  local reply = {'DONE', store.epoch, int(store.clock), today.date, int(today.tilDay)}
  local records, ended, allKnown = {'~call', call, '~reply', ''}, {}, true
  for n, one in ipairs(asked) do
    local record, known = grantSubject(one, mine[n + 2], store, today, rebuild, reply)
    allKnown = allKnown and known
    records[#records + 1] = one.subject
    records[#records + 1] = record
    if record == '' then ended[#ended + 1] = one.subject end
  end
  reply[#reply + 1] = '~'
  local recalled = redis.call('ZRANGEBYSCORE', RECALL, since, '+inf')
  if not allKnown then addUncommitted(reply) end
  for _, subject in ipairs(recalled) do reply[#reply + 1] = subject end
  -- Repeated when the answer was lost, and not done again.
  records[4] = cmsgpack.pack(reply)
  setAll(RECORD, records)
  if #ended > 0 then redis.call('HDEL', RECORD, unpack(ended)) end
  return reply
end

-- One call of a router.
local function answer(store, machine)
  local me, call, lease = ARGV[4], ARGV[5], tonumber(ARGV[6])
  local isHello = ARGV[9] == '1'
  if ARGV[2] ~= store.epoch and not isHello then return {'EPOCH', store.epoch, int(store.clock)} end
  expire(store, me, tonumber(ARGV[8]))
  local today = calendar(machine)
  if isHello then return hello(store, today, me, call, lease, ARGV[10]) end
  local asked, twice = readSubjects()
  if not asked then return redis.error_reply('SUBJECT_TWICE ' .. twice) end
  local names = {'~call', '~reply'}
  for n, one in ipairs(asked) do names[n + 2] = one.subject end
  local mine = redis.call('HMGET', RECORD, unpack(names))
  if not mine[1] then return {'GONE', store.epoch, int(store.clock)} end
  if mine[1] == call then return cmsgpack.unpack(mine[2]) end
  local reply = grantAll(asked, mine, store, today, call, tonumber(ARGV[7]), ARGV[11])
  redis.call('ZADD', ROUTERS, int(store.clock + lease), me)
  return reply
end

local machine = machineMillis()
local store = openStore(machine)
local reply = answer(store, machine)
saveStore(store)
return reply
