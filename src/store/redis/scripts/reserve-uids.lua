-- No uid below this is given out from now on. ARGV: uid
local next = tonumber(redis.call('GET', 'miroir:counter:task_uid') or '0')
if next < tonumber(ARGV[1]) then redis.call('SET', 'miroir:counter:task_uid', ARGV[1]) end
return 1
