-- Makes a router the one that follows an open task. ARGV: new owner, uid
local filed = filed_of(ARGV[2])
if not filed or not is_open(filed.status) then return 0 end
redis.call('HSET', TASKS .. '_owners', ARGV[2], ARGV[1])
return 1
