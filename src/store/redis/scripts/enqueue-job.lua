-- Puts a job at the end of the queue, once per id. ARGV: id, type, params as JSON
local key = 'miroir:jobs:' .. ARGV[1]
if redis.call('EXISTS', key) == 1 then return 0 end
redis.call('HSET', key, 'type', ARGV[2], 'params', ARGV[3], 'state', 'queued')
redis.call('ZADD', 'miroir:jobs:_queued', redis.call('INCR', 'miroir:counter:job_seq'), ARGV[1])
redis.call('HINCRBY', 'miroir:jobs:_counts', ARGV[2], 1)
return 1
