-- Takes a run off the list, unless a later one has its name. ARGV: name, run
redis.call('DEL', 'miroir:run:' .. ARGV[2])
local key = 'miroir:router:' .. ARGV[1]
if redis.call('HGET', key, 'run') ~= ARGV[2] then return 0 end
redis.call('DEL', key)
redis.call('SREM', 'miroir:routers:_index', ARGV[1])
return 1
