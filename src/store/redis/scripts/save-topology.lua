-- Replaces the topology if its epoch is the expected one. The first one names the store, so that an empty server in its
-- place is noticed. ARGV: expected epoch (0: none yet), new epoch, topology as JSON, name of the store if it has none
local current = tonumber(redis.call('HGET', 'miroir:topology', 'epoch') or '0')
if current ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSETNX', 'miroir:topology', 'store', ARGV[4])
redis.call('HSET', 'miroir:topology', 'epoch', ARGV[2], 'topology', ARGV[3])
redis.call('HSET', 'miroir:versions', 'topology', ARGV[2])
redis.call('PUBLISH', 'miroir:changed', 'topology ' .. ARGV[2])
return 1
