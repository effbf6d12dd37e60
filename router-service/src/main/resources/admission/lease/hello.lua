-- A router that starts, or was silent for long, asks what is out to it.
local function hello(store, today, me, call, lease, uncommitted)
  setAll(RECORD, redis.call('HGETALL', LOST_RECORD))
  redis.call('DEL', LOST_RECORD)
  redis.call('ZREM', LOST, me)
  -- A welcome that did not arrive is asked for again, and names the same call before it.
  local earlier = redis.call('HMGET', RECORD, '~call', '~before')
  local before = earlier[1] == call and earlier[2] or earlier[1] or ''
  redis.call('HSET', RECORD, '~call', call, '~before', before, '~reply', '', '~uncommitted', uncommitted)
  redis.call('ZADD', ROUTERS, int(store.clock + lease), me)
  local reply = {'HELLO', store.epoch, int(store.clock), today.date, int(today.tilDay), before}
  local flat = redis.call('HGETALL', RECORD)
  for i = 1, #flat, 2 do
    if string.sub(flat[i], 1, 1) ~= '~' then
      reply[#reply + 1] = flat[i]
      reply[#reply + 1] = flat[i + 1]
    end
  end
  return reply
end
