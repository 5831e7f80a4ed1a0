-- Takes a suspicion back unless it is a newer one, and tells the other routers. ARGV: field, moment
local text = redis.call('HGET', 'miroir:suspects', ARGV[1])
if not text or cjson.decode(text).since ~= tonumber(ARGV[2]) then return 0 end
redis.call('HDEL', 'miroir:suspects', ARGV[1])
local version = redis.call('HINCRBY', 'miroir:versions', 'hints', 1)
redis.call('PUBLISH', 'miroir:changed', 'hints ' .. version)
return 1
