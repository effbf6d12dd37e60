-- Leases quota to routers. One call of this script takes a router's reports and what it gives back, grants leases, and takes the leases
-- of dead routers back; all of it or nothing. It is read from four files, one after the other: common, expire, hello, grant.
--
-- Every number stays below 2^53, where Lua is exact; money is added by HINCRBY.
--
-- A limited amount is a field of its subject's hash, with what is used and what is out: "used/out", or "out/second:used,..." for an amount
-- per minute. What is out is leased to routers: free = limit - used - out. A router's record says of each amount "held:kept": what is out
-- to it, and how much of that it has promised not to touch before it is answered again; under '@' it says up to which position of its
-- spool usage was reported. The kept part of a dead router is free at once. The rest stays out, because the router may have spent it,
-- until it comes back with its spool or is given up.
--
-- The clock moves with the machine's, never back, and at most STEP between two calls: after a machine's clock was set, or a time without
-- calls, no lease has ended and no minute is empty.
--
-- A Redis server that was restarted, or took over from another one, may remember less than routers were told. So each run of a server is
-- an epoch of its own, as if Redis had been emptied: a subject's hash whose 'e' is not the epoch is not read.
--
-- KEYS: store, routers, lost, recall, the record of this router, the record it had when it was lost, and the hash of each subject in the
--       order of ARGV. The records and subjects of dead routers are found by this script and cannot be named. A call is about subjects of
--       many tenants and is atomic over all of them, and one router's record spans them, so that no hash tag a tenant is possible: in a
--       Redis Cluster, all keys of 'naap:adm:' need one slot.
-- ARGV: now (0 for the machine's), epoch as known, epoch to begin, instance, call, lease ms, rebuild ms, given up after ms,
--       hello ('1'), uncommitted, since, run (empty for the server's), subjects,
--       each: subject, position, anew, seeds (what, date, day, month, lifetime)..., as many as said,
--             amounts (name, window, limit, spent, back, need, want, kept, carried)..., as many as said
local P = 'naap:adm:'
local STORE, ROUTERS, LOST, RECALL, RECORD, LOST_RECORD = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local SUBJECTS = 6
local STEP = 500
local DAY = 86400000

-- Adding zero makes minus zero plain.
local function int(x) return string.format('%.0f', x + 0) end
local function max(a, b) if a > b then return a end return b end
local function min(a, b) if a < b then return a end return b end

local function machineMillis()
  local given = tonumber(ARGV[1])
  if given ~= 0 then return given end
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function runOfServer()
  if ARGV[12] ~= '' then return ARGV[12] end
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '-'
end

-- Nothing of another run of the server counts; subjects' hashes are dropped when they are read.
local function endEpoch()
  for list, kind in pairs({[ROUTERS] = P .. 'i:', [LOST] = P .. 'x:'}) do
    for _, router in ipairs(redis.call('ZRANGE', list, 0, -1)) do redis.call('DEL', kind .. router) end
    redis.call('DEL', list)
  end
  redis.call('DEL', STORE, RECALL)
end

-- What all calls share: the epoch, the clock, and in 'save' what of it changed.
local function openStore(machine)
  local run = runOfServer()
  local s = redis.call('HMGET', STORE, 'epoch', 'clock', 'machine', 'swept', 'routers', 'run')
  if s[1] and s[6] ~= run then
    endEpoch()
    s = {}
  end
  local store = {epoch = s[1], clock = tonumber(s[2] or '0'), swept = tonumber(s[4] or '0'), routers = tonumber(s[5] or '1'), save = {}}
  if not store.epoch then
    store.epoch = ARGV[3]
    store.save = {'epoch', store.epoch, 'run', run}
  end
  local step = machine - tonumber(s[3] or int(machine))
  if step < 0 or step >= 100 or not s[3] then
    store.clock = store.clock + min(max(step, 0), STEP)
    for _, part in ipairs({'clock', int(store.clock), 'machine', int(machine)}) do store.save[#store.save + 1] = part end
  else
    store.clock = store.clock + step
  end
  store.second = math.floor(store.clock / 1000)
  return store
end

local function saveStore(store)
  if #store.save > 0 then redis.call('HSET', STORE, unpack(store.save)) end
end

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

-- The day and month of now, and for how many milliseconds they last.
local function calendar(machine)
  local days = math.floor(machine / DAY)
  local date, year, month, dom = civil(days)
  local length = ({31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31})[month]
  if month == 2 and (year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)) then length = 29 end
  local tilDay = DAY - machine % DAY
  return {
    date = date,
    tilDay = tilDay,
    windows = {d = date, m = string.sub(date, 1, 7)},
    resets = {d = tilDay, m = tilDay + (length - dom) * DAY, l = -1, c = 1000},
    -- Yesterday may come again, and tomorrow may have been here, where the machine's clock is set.
    oldestDay = civil(days - 1),
    oldestMonth = string.sub(civil(days - dom), 1, 7)
  }
end

-- The field of an amount: windows have their day or month in the name, so that a new one begins at nothing.
local function field(name, window)
  local kind, what = string.match(name, '^(%a)%.(.+)$')
  if kind == 'd' or kind == 'm' then return kind .. '.' .. window .. '.' .. what end
  return name
end
local function kindOf(name) return name == 'money' and 'money' or string.match(name, '^%a+') end
local function isPerMinute(name) return name == 'rpm' or string.sub(name, 1, 2) == 'u.' end

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

local function unpackUsed(text)
  local used, out = string.match(text or '0/0', '^(-?%d+)/(-?%d+)$')
  return tonumber(used), tonumber(out)
end
local function unpackMinute(text, second)
  local out, rest = string.match(text or '0/', '^(-?%d+)/(.*)$')
  local seconds, sum = {}, 0
  for at, amount in string.gmatch(rest, '(%d+):(%d+)') do
    if tonumber(at) >= second - 60 then
      seconds[#seconds + 1] = {tonumber(at), tonumber(amount)}
      sum = sum + tonumber(amount)
    end
  end
  return tonumber(out), seconds, sum
end
local function addSecond(seconds, at, amount, second)
  if amount <= 0 or at < second - 60 then return 0 end
  for _, one in ipairs(seconds) do
    if one[1] == at then
      one[2] = one[2] + amount
      return amount
    end
  end
  seconds[#seconds + 1] = {at, amount}
  return amount
end
local function packMinute(out, seconds)
  table.sort(seconds, function(one, two) return one[1] < two[1] end)
  local parts = {}
  for at, one in ipairs(seconds) do parts[at] = int(one[1]) .. ':' .. int(one[2]) end
  return int(out) .. '/' .. table.concat(parts, ',')
end

-- HSET of more fields than Lua can pass at once.
local function setAll(key, flat)
  for i = 1, #flat, 1000 do redis.call('HSET', key, unpack(flat, i, min(#flat, i + 999))) end
end
