-- Removes a job, whatever its state. ARGV: id
local key = 'miroir:jobs:' .. ARGV[1]
if redis.call('ZREM', 'miroir:jobs:_queued', ARGV[1]) == 1 then
  redis.call('HINCRBY', 'miroir:jobs:_counts', redis.call('HGET', key, 'type'), -1)
end
redis.call('DEL', key)
return 1
