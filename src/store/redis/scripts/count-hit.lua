-- Counts one more in a window that begins with the first. ARGV: key, milliseconds
local count = redis.call('INCR', ARGV[1])
if count == 1 then redis.call('PEXPIRE', ARGV[1], ARGV[2]) end
return { count, redis.call('PTTL', ARGV[1]) }
