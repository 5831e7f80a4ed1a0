-- Forgets all cursors of a sink. ARGV: set of the sink's indexes, beginning of their keys
for _, index in ipairs(redis.call('SMEMBERS', ARGV[1])) do redis.call('DEL', ARGV[2] .. index) end
redis.call('DEL', ARGV[1])
return 1
