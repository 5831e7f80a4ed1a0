-- Forgets which keys have ended, and removes those that end first beyond a number. ARGV: number. Returns how many are left.
local index = 'miroir:idemp:_index'
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
local over = redis.call('ZCARD', index) - tonumber(ARGV[1])
if over > 0 then
  for _, key in ipairs(redis.call('ZRANGE', index, 0, math.min(over, 1000) - 1)) do
    redis.call('DEL', 'miroir:idemp:' .. key)
    redis.call('ZREM', index, key)
  end
end
return redis.call('ZCARD', index)
