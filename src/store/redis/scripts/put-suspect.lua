-- Keeps a suspicion and tells the other routers. ARGV: field, suspect as JSON
redis.call('HSET', 'miroir:suspects', ARGV[1], ARGV[2])
local version = redis.call('HINCRBY', 'miroir:versions', 'hints', 1)
redis.call('PUBLISH', 'miroir:changed', 'hints ' .. version)
return 1
