-- Notes how far a run has taken in what others changed. ARGV: name of the router, run, then field, value ...
local key = 'miroir:router:' .. ARGV[1]
if redis.call('HGET', key, 'run') ~= ARGV[2] then return 0 end
redis.call('HSET', key, unpack(ARGV, 3))
return 1
