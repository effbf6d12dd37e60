-- Gives the counters of a key ('k') or a tenant ('t') their start from what metering has stored; only the first one to come does.
-- ARGV: subject, id, day, month, then for day, month and lifetime: count, (field, amount)...
local P = 'naap:adm:' .. ARGV[1] .. ':' .. ARGV[2]
local lifetime = P .. ':l'
if redis.call('HSETNX', lifetime, 'seeded', '1') == 0 then return {'DONE'} end
local keys = {P .. ':d:' .. ARGV[3], P .. ':m:' .. ARGV[4], lifetime}
local at = 5
for _, key in ipairs(keys) do
  for _ = 1, tonumber(ARGV[at]) do
    redis.call('HINCRBY', key, ARGV[at + 1], ARGV[at + 2])
    at = at + 2
  end
  at = at + 1
  if redis.call('EXISTS', key) == 1 then redis.call('PEXPIRE', key, 63 * 86400000) end
end
return {'DONE'}
