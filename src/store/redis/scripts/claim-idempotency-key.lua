-- Claims a key unless it is taken, and returns what it stands for if it is. ARGV: key, milliseconds, hash, task
local key = 'miroir:idemp:' .. ARGV[1]
local taken = redis.call('HMGET', key, 'sha256', 'task_id')
if taken[1] then return taken end
redis.call('HSET', key, 'sha256', ARGV[3], 'task_id', ARGV[4])
redis.call('PEXPIRE', key, ARGV[2])
local time = redis.call('TIME')
local ends = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[2])
redis.call('ZADD', 'miroir:idemp:_index', ends, ARGV[1])
return {}
