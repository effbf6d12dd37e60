-- Puts a funding's absolute total into a tenant's pool. Totals may pass 2^53: they are compared and added as texts.
-- KEYS: store, the tenant's hash
-- ARGV: epoch, funding, total
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return {'OTHER_EPOCH'} end
local money = KEYS[2]
-- What is there of another epoch does not count.
if redis.call('HGET', money, 'e') ~= ARGV[1] then
  redis.call('DEL', money)
  redis.call('HSET', money, 'e', ARGV[1])
end
local known = redis.call('HGET', money, 'total') or '0'
if redis.call('HGET', money, 'funding') ~= ARGV[2] then
  redis.call('HSET', money, 'funding', ARGV[2])
end
if #ARGV[3] > #known or (#ARGV[3] == #known and ARGV[3] > known) then
  if known ~= '0' then redis.call('HINCRBY', money, 'available', '-' .. known) end
  redis.call('HINCRBY', money, 'available', ARGV[3])
  redis.call('HSET', money, 'total', ARGV[3])
end
return {'DONE'}
