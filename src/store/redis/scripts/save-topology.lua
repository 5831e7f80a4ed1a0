-- Replaces the topology if its epoch is the expected one. ARGV: expected epoch (0: none yet), new epoch, topology as JSON
local current = tonumber(redis.call('HGET', 'miroir:topology', 'epoch') or '0')
if current ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', 'miroir:topology', 'epoch', ARGV[2], 'topology', ARGV[3])
redis.call('HSET', 'miroir:versions', 'topology', ARGV[2])
redis.call('PUBLISH', 'miroir:changed', 'topology ' .. ARGV[2])
return 1
