-- Takes a funding's absolute total into a tenant's pool. Totals may pass 2^53: they are compared and added as texts.
-- ARGV: epoch, tenant, funding, total
if redis.call('HGET', 'naap:adm:store', 'epoch') ~= ARGV[1] then return {'OTHER_EPOCH'} end
local money = 'naap:adm:t:' .. ARGV[2]
-- Of another life of the store.
if redis.call('HGET', money, 'e') ~= ARGV[1] then
  redis.call('DEL', money)
  redis.call('HSET', money, 'e', ARGV[1])
end
local known = redis.call('HGET', money, 'total') or '0'
if redis.call('HGET', money, 'funding') ~= ARGV[3] then
  redis.call('HSET', money, 'funding', ARGV[3])
end
if #ARGV[4] > #known or (#ARGV[4] == #known and ARGV[4] > known) then
  if known ~= '0' then redis.call('HINCRBY', money, 'available', '-' .. known) end
  redis.call('HINCRBY', money, 'available', ARGV[4])
  redis.call('HSET', money, 'total', ARGV[4])
end
return {'DONE'}
