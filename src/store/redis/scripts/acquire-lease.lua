-- Grants a lease that nobody has, with the next fence. ARGV: scope, holder, time to live in milliseconds
local key = 'miroir:lease:' .. ARGV[1]
if redis.call('EXISTS', key) == 1 then return 0 end
local fence = redis.call('INCR', 'miroir:fence:' .. ARGV[1])
redis.call('SET', key, fence .. ' ' .. ARGV[2], 'PX', ARGV[3])
return fence
